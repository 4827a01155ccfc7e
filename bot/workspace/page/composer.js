// The box people type into: completion of commands and names, recall, files, and what became of it.
import { freshId, h, icon } from './dom.js';
import { botUser, people, world } from './world.js';

/**
 * options: {id, label(), send({text, files}) → Promise<string|null>, commands: whether "/" is offered}.
 * send returns nothing when it worked; otherwise it throws and the text stays.
 */
export class Composer {
  #options;
  #drafts = new Map(); // place → text
  #recall = { texts: [], at: -1 };
  #files = [];
  #offers = [];
  #at = 0;
  #place = '';

  constructor(mount, options) {
    this.#options = options;
    this.listId = freshId('offers');
    this.list = h('ul', { class: 'offers', id: this.listId, role: 'listbox', 'aria-label': 'Suggestions', hidden: true });
    this.box = h('textarea', {
      id: options.id, rows: '1', role: 'combobox', autocomplete: 'off', spellcheck: 'true',
      'aria-autocomplete': 'list', 'aria-controls': this.listId, 'aria-expanded': 'false',
      oninput: () => this.#typed(), onkeydown: (event) => this.#key(event), onblur: () => this.#fold(), onclick: () => this.#offer(),
    });
    this.status = h('p', { class: 'status', role: 'status' });
    this.chips = h('div', { class: 'chips' });
    this.picker = h('input', {
      type: 'file', class: 'sr-only', tabindex: '-1', 'aria-hidden': 'true', multiple: true, onchange: () => this.#attach(),
    });
    this.button = h('button', { type: 'submit', class: 'send', 'aria-label': 'Send' }, icon('send'));
    const attach = h('button', {
      type: 'button', class: 'icon-button', 'aria-label': 'Attach a file', title: 'Attach a file', onclick: () => this.picker.click(),
    }, icon('clip'));
    this.form = h('form', { class: 'composer', onsubmit: (event) => { event.preventDefault(); this.send(); } },
      this.list, this.chips, h('div', { class: 'composer-row' }, attach, this.box, this.button), this.picker);
    this.form.addEventListener('dragover', (event) => { event.preventDefault(); this.form.classList.add('dropping'); });
    this.form.addEventListener('dragleave', () => this.form.classList.remove('dropping'));
    this.form.addEventListener('drop', (event) => {
      event.preventDefault();
      this.form.classList.remove('dropping');
      this.#attach(event.dataTransfer.files);
    });
    mount.replaceChildren(this.form, this.status);
  }

  /** Moves to another place; what was typed there before comes back. `refusal` says why nobody can write here. */
  goTo(place, label, refusal = '') {
    if (this.#place !== place) {
      this.#drafts.set(this.#place, this.box.value);
      this.#place = place;
      this.#recall = { texts: this.#history(), at: -1 };
      this.box.value = this.#drafts.get(place) || '';
      this.#files = [];
      this.#showFiles();
      this.say('');
      this.#fold();
      this.#grow();
    }
    this.box.setAttribute('aria-label', label);
    this.box.placeholder = refusal || label;
    this.box.disabled = this.button.disabled = Boolean(refusal);
  }

  focus() {
    this.box.focus();
  }

  /** Puts a text into the box, ready to be finished or sent. */
  put(text) {
    this.box.value = text;
    this.#grow();
    this.focus();
    this.box.setSelectionRange(text.length, text.length);
    this.#offer();
  }

  say(text, bad = false) {
    this.status.textContent = text;
    this.status.classList.toggle('bad', bad);
  }

  async send(text = this.box.value) {
    text = text.trim();
    if ((text === '' && this.#files.length === 0) || this.form.getAttribute('aria-busy') === 'true') return;
    const files = this.#files;
    this.#fold();
    this.form.setAttribute('aria-busy', 'true');
    this.say('Sending…');
    this.box.value = '';
    this.#files = [];
    this.#showFiles();
    this.#grow();
    try {
      await this.#options.send({ text, files });
      this.#remember(text);
    } catch (error) {
      this.say(error.message, true);
      if (this.box.value === '') this.box.value = text;
      this.#files = files;
      this.#showFiles();
      this.#grow();
    } finally {
      this.form.removeAttribute('aria-busy');
    }
  }

  #typed() {
    this.#recall.at = -1;
    this.#grow();
    this.#offer();
  }

  #grow() {
    this.box.style.height = 'auto';
    this.box.style.height = `${Math.min(this.box.scrollHeight, 180)}px`;
  }

  #key(event) {
    if (event.isComposing) return;
    if (!this.list.hidden && this.#keyInList(event)) return event.preventDefault();
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      this.send();
    } else if (event.key === 'ArrowUp' && (this.box.value.trim() === '' || this.#recall.at >= 0)) {
      this.#recallStep(event, 1);
    } else if (event.key === 'ArrowDown' && this.#recall.at >= 0) {
      this.#recallStep(event, -1);
    }
  }

  #keyInList(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.#at = (this.#at + step + this.#offers.length) % this.#offers.length;
      this.#showOffers();
      return true;
    }
    if (event.key === 'Escape') {
      event.stopPropagation();
      this.#fold();
      return true;
    }
    // A command that is already typed in full is sent by Enter, not completed again.
    const done = this.#offers[this.#at].text.trim() === this.box.value.trim();
    if (event.key === 'Tab' || (event.key === 'Enter' && !event.shiftKey && !done)) {
      this.#take(this.#offers[this.#at]);
      return true;
    }
    return false;
  }

  // Recall of what was sent from here, the newest first.

  #history() {
    try {
      return JSON.parse(sessionStorage.getItem('said')) || [];
    } catch {
      return [];
    }
  }

  #remember(text) {
    if (!text) return;
    const texts = [text, ...this.#history().filter((t) => t !== text)].slice(0, 50);
    this.#recall = { texts, at: -1 };
    try {
      sessionStorage.setItem('said', JSON.stringify(texts));
    } catch {
      // Without storage the recall lasts as long as the page.
    }
  }

  #recallStep(event, step) {
    const at = this.#recall.at + step;
    if (at >= this.#recall.texts.length) return;
    event.preventDefault();
    this.#recall.at = at;
    this.box.value = at < 0 ? '' : this.#recall.texts[at];
    this.#grow();
  }

  // Completion. An offer replaces the text from `from` to the cursor.

  #offer() {
    const before = this.box.value.slice(0, this.box.selectionStart);
    this.#offers = this.box.disabled ? [] : [...this.#commandOffers(before), ...nameOffers(before)];
    this.#at = 0;
    this.#showOffers();
  }

  #commandOffers(before) {
    if (!this.#options.commands || !/^\/\S*$/.test(before)) return [];
    return world.commands
      .filter((c) => c.command.startsWith(before.toLowerCase()))
      .map((c) => ({ from: 0, text: `${c.command} `, label: c.command, hint: c.usage_hint, detail: c.description }));
  }

  #showOffers() {
    if (this.#offers.length === 0) return this.#fold();
    this.list.replaceChildren(...this.#offers.map((offer, i) => h('li', {
      id: `${this.listId}-${i}`, role: 'option', class: 'offer', 'aria-selected': String(i === this.#at),
      onpointerdown: (event) => { event.preventDefault(); this.#take(offer); },
    }, h('span', { class: 'offer-name' }, h('b', {}, offer.label), offer.hint ? h('span', {}, ` ${offer.hint}`) : null),
    h('small', {}, offer.detail || ''))));
    this.list.hidden = false;
    this.box.setAttribute('aria-expanded', 'true');
    this.box.setAttribute('aria-activedescendant', `${this.listId}-${this.#at}`);
    this.list.querySelector('[aria-selected=true]').scrollIntoView({ block: 'nearest' });
  }

  #take(offer) {
    const rest = this.box.value.slice(this.box.selectionStart).replace(/^ /, '');
    const text = this.box.value.slice(0, offer.from) + offer.text;
    this.box.value = text + rest;
    this.box.setSelectionRange(text.length, text.length);
    this.#fold();
    this.#grow();
    this.#showHint(offer);
  }

  #showHint(offer) {
    if (offer.hint) this.say(`${offer.label} ${offer.hint}`);
  }

  #fold() {
    this.#offers = [];
    this.list.hidden = true;
    this.box.setAttribute('aria-expanded', 'false');
    this.box.removeAttribute('aria-activedescendant');
  }

  // Files travel as base64, so that archives arrive as they are.

  async #attach(files = this.picker.files) {
    for (const file of [...files]) {
      if (file.size > 64 * 1024 * 1024) this.say(`${file.name} is larger than 64 MB`, true);
      else this.#files.push({ name: file.name, base64: await base64(file) });
    }
    this.picker.value = '';
    this.#showFiles();
    this.focus();
  }

  #showFiles() {
    this.chips.replaceChildren(...this.#files.map((file) => h('button', {
      type: 'button', class: 'chip', 'aria-label': `Remove ${file.name}`,
      onclick: () => { this.#files = this.#files.filter((f) => f !== file); this.#showFiles(); },
    }, icon('file'), file.name, icon('close'))));
  }
}

/** The bytes of a file in base64: what follows the comma of its data URL. */
function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(',') + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

function nameOffers(before) {
  const found = before.match(/(^|[\s(])@([\p{L}\p{N}._-]*)$/u);
  if (!found) return [];
  const typed = found[2].toLowerCase();
  const from = before.length - found[2].length - 1;
  const fits = (u) => u.name.toLowerCase().startsWith(typed) || (u.real_name || '').toLowerCase().split(/\s+/).some((w) => w.startsWith(typed));
  return [botUser(), ...people()].filter((u) => u && !u.deleted && fits(u)).slice(0, 8)
    .map((u) => ({ from, text: `@${u.name} `, label: `@${u.name}`, detail: u.is_bot ? 'The bot' : [u.real_name, u.title].filter(Boolean).join(', ') }));
}
