// Forms (modals) and the Home tab: views that the bot opens for one person.
import { showBlocks } from './blocks.js';
import { byId, freshId, h, icon } from './dom.js';
import { plain } from './mrkdwn.js';
import { outcome, post, Refused } from './sim.js';
import { world } from './world.js';

/**
 * Shows the top of a person's stack of forms as a dialog.
 * page: {refresh(), report(text, bad)}.
 */
export class Forms {
  #dialog = null;
  #view = null; // the view that is shown
  #opener = null; // what had the focus before the first form
  #drafts = new Map(); // view id → block → action → what was typed and not yet sent
  #remembering = new Set(); // acts on their way
  #page;

  constructor(page) {
    this.#page = page;
  }

  /** Takes the stack of /sim/views. */
  show(stack) {
    const top = stack.at(-1);
    if (!top) return this.#forget();
    if (this.#dialog && this.#view.id === top.id) {
      if (JSON.stringify(this.#view) !== JSON.stringify(top)) this.#update(top, stack);
      return;
    }
    if (!this.#dialog) this.#opener = document.activeElement;
    this.#keepDraft();
    this.#dialog?.remove();
    this.#open(top, stack);
  }

  #forget() {
    this.#drafts.clear();
    if (!this.#dialog) return;
    this.#dialog.close();
    this.#dialog.remove();
    this.#dialog = this.#view = null;
    (this.#opener?.isConnected && this.#opener !== document.body ? this.#opener : byId('say')).focus();
  }

  #open(view, stack) {
    this.#view = view;
    const titleId = freshId('form');
    this.title = h('h2', { id: titleId, tabindex: '-1' });
    this.blocks = h('div', { class: 'modal-body blocks' });
    this.footer = h('footer');
    this.note = h('p', { class: 'modal-note', role: 'status' });
    const form = h('form', { novalidate: true, onsubmit: (event) => { event.preventDefault(); this.#submit(); } },
      h('header', {}, this.back = h('span', { class: 'crumb' }), this.title,
        h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Close this form', onclick: () => this.#close() }, icon('close'))),
      this.blocks, this.note, this.footer);
    // An error goes away when somebody works on its field.
    for (const doing of ['input', 'change']) this.blocks.addEventListener(doing, (event) => clearError(event.target.closest('.field')));
    this.#dialog = h('dialog', { class: 'modal', 'aria-labelledby': titleId, 'data-view': view.id, 'data-callback': view.callback_id || null }, form);
    this.#dialog.addEventListener('cancel', (event) => { event.preventDefault(); this.#close(); });
    document.body.append(this.#dialog);
    this.#fill(view, stack);
    this.#dialog.showModal();
    (this.#dialog.querySelector('[autofocus]') || this.#dialog.querySelector('.modal-body :is(input, select, textarea)') || this.title).focus();
  }

  #update(view, stack) {
    this.#keepDraft();
    this.#view = view;
    this.#fill(view, stack);
  }

  #fill(view, stack) {
    this.title.replaceChildren(plain(view.title?.text || 'Form'));
    const under = stack.at(-2);
    this.back.replaceChildren(under ? `${under.title?.text || 'Form'} ›` : '');
    showBlocks(this.blocks, view.blocks || [], this.#context(view));
    this.footer.replaceChildren(
      h('button', { type: 'button', class: 'button', onclick: () => this.#close() }, view.close?.text || 'Cancel'),
      view.submit ? h('button', { type: 'submit', class: 'button primary' }, view.submit.text) : '');
  }

  #context(view) {
    // What goes wrong in a form is said in the form; the page behind it is out of sight.
    const page = { ...this.#page, report: (text, bad) => { if (bad) this.#say(text); } };
    return viewContext(view, page, (block, action) => this.#drafts.get(view.id)?.[block]?.[action], this.#remembering);
  }

  #fields() {
    return [...this.#dialog.querySelectorAll('[data-field]')].map((node) => node.field);
  }

  #keepDraft() {
    if (!this.#dialog) return;
    const draft = this.#drafts.get(this.#view.id) || {};
    for (const one of this.#fields()) {
      if (one.touched && one.block) (draft[one.block] ||= {})[one.action] = one.read();
    }
    this.#drafts.set(this.#view.id, draft);
  }

  async #submit() {
    if (this.#dialog.getAttribute('aria-busy') === 'true') return;
    const values = {};
    for (const one of this.#fields()) (values[one.block] ||= {})[one.action] = one.read();
    this.#showErrors({});
    await this.#busy(async () => {
      const answer = await post('submit', { as: world.me.id, view_id: this.#view.id, values });
      if (answer.errors && Object.keys(answer.errors).length > 0) return this.#showErrors(answer.errors);
      const { text, bad } = outcome(answer.delivery, world.bot.name);
      if (bad) this.#say(text);
      else this.#page.report(text);
      await this.#page.refresh();
    });
  }

  async #close() {
    await this.#busy(async () => {
      await post('close', { as: world.me.id, view_id: this.#view.id });
      await this.#page.refresh();
    });
  }

  async #busy(work) {
    this.#say('');
    const dialog = this.#dialog;
    dialog.setAttribute('aria-busy', 'true');
    try {
      await Promise.all(this.#remembering);
      await work();
    } catch (error) {
      this.#say(error.message);
      // A form that the workspace no longer knows is gone for good.
      if (error instanceof Refused) await this.#page.refresh();
    } finally {
      dialog.removeAttribute('aria-busy');
    }
  }

  #say(text) {
    this.note.textContent = text;
  }

  /** Errors stand under their inputs; those of blocks that have none stand at the foot. */
  #showErrors(errors) {
    const left = { ...errors };
    let first = null;
    for (const block of this.blocks.querySelectorAll('[data-block-id]')) {
      const place = block.querySelector('.field-error');
      if (!place) continue;
      const text = errors[block.dataset.blockId];
      delete left[block.dataset.blockId];
      place.textContent = text || '';
      const control = block.querySelector('input, select, textarea');
      if (text) control?.setAttribute('aria-invalid', 'true');
      else control?.removeAttribute('aria-invalid');
      if (text) first ||= control;
    }
    this.#say(Object.values(left).join(' '));
    first?.focus();
  }
}

function clearError(field) {
  const place = field?.querySelector('.field-error');
  if (!place || place.textContent === '') return;
  place.textContent = '';
  field.querySelector('[aria-invalid]')?.removeAttribute('aria-invalid');
}

/** How the elements of a view reach the bot. `remembering` collects acts, so that a submit comes after them. */
function viewContext(view, page, draft, remembering = new Set()) {
  const values = view.state?.values || {};
  return {
    surface: view.type, draft,
    chosen: (block, action) => values[block]?.[action],
    stateOf: () => null, // what was chosen is in the drafts; it never rebuilds a block under the person's hands
    act: (block, action, value) => {
      const sending = actInView(view, page, block, action, value).finally(() => remembering.delete(sending));
      remembering.add(sending);
      return sending;
    },
    options: (block, action, value) => lookUp({ as: world.me.id, view_id: view.id, block_id: block, action_id: action, value }, page),
  };
}

async function actInView(view, page, block, action, value) {
  const body = { as: world.me.id, view_id: view.id, action_id: action, value };
  if (block) body.block_id = block;
  try {
    const answer = await post('act', body);
    if (answer.delivery) reportDelivery(answer.delivery, page);
  } catch (error) {
    page.report(error.message, true);
  }
}

export function reportDelivery(delivery, page) {
  const { text, bad } = outcome(delivery, world.bot.name);
  page.report(text, bad);
}

/** What an external select offers for a text, or null when the bot did not say. */
export async function lookUp(body, page) {
  try {
    const answer = await post('options', body);
    if (answer.delivery?.acked === false) reportDelivery(answer.delivery, page);
    return answer.delivery?.acked === false ? null : answer;
  } catch (error) {
    page.report(error.message, true);
    return null;
  }
}

/** The Home tab. */
export function showHome(place, view, page) {
  if (!view) {
    place.replaceChildren(h('div', { class: 'empty-words' },
      h('h2', {}, 'Nothing here yet'), h('p', {}, `${world.bot.name} has not published a Home tab for you.`)));
    place.shownView = null;
    return;
  }
  if (place.shownView !== view.id) {
    place.replaceChildren(h('div', { class: 'home-page blocks' }));
    place.shownView = view.id;
  }
  showBlocks(place.firstChild, view.blocks || [], viewContext(view, page));
}
