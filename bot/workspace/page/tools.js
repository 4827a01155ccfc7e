// For the curious: make Slack misbehave, and watch what goes over the wire.
import { h, icon } from './dom.js';
import { get, post } from './sim.js';
import { world } from './world.js';

const nextPost = (how) => ({ act: 'fault', body: { method: 'chat.postMessage', ...how } });
const faults = [
  { name: 'Drop the socket', about: 'Cuts every connection of the bot', act: 'socket', body: { do: 'drop' } },
  { name: 'Refresh the socket', about: 'Asks the bot to connect again, as Slack often does', act: 'socket', body: { do: 'refresh' } },
  { name: 'Rate-limit the next post', about: '429, Retry-After 2 s', ...nextPost({ error: 'ratelimited', status: 429, retry_after: 2 }) },
  { name: 'Lose the next response', about: 'The post takes effect, its answer never arrives', ...nextPost({ error: 'lost_response' }) },
  { name: 'Fail the next post', about: 'HTTP 500', ...nextPost({ status: 500 }) },
];

export class Faults {
  constructor(place) {
    this.place = place;
    this.waiting = h('p', { class: 'mark', role: 'status' });
    place.append(
      h('p', { class: 'tool-words' }, h('b', {}, 'Make Slack misbehave. '), 'The bot should lose nothing and say nothing twice.'),
      h('div', { class: 'actions' }, faults.map((fault) => this.#button(fault, 'button small')),
        this.#button({ name: 'Clear', about: 'Forgets the faults that still wait', act: 'fault', body: { clear: true } }, 'button small quiet')),
      this.waiting);
  }

  #button(fault, kind) {
    return h('button', { type: 'button', class: kind, title: fault.about, onclick: () => this.#cause(fault) }, fault.name);
  }

  /** Says which faults wait for their moment. */
  show() {
    this.waiting.textContent = world.faults?.length
      ? `Waiting: ${world.faults.map((f) => `${f.method} ${f.status || f.error || ''}${f.times > 1 ? ` ×${f.times}` : ''}`).join(', ')}`
      : this.last || '';
  }

  async #cause(fault) {
    try {
      const answer = await post(fault.act, fault.body);
      if (answer.faults) world.faults = answer.faults;
      this.last = `${fault.name}: done`;
    } catch (error) {
      this.last = error.message;
    }
    this.show();
  }
}

const keep = 400;

/** The wire log. It asks the workspace only while it is open. */
export class WireLog {
  #stop = null;

  constructor(place) {
    this.place = place;
    this.only = h('input', { type: 'search', placeholder: 'Filter', 'aria-label': 'Filter the wire log', oninput: () => this.#filter() });
    this.rows = h('div', { class: 'log-rows', role: 'log', 'aria-label': 'What goes over the wire', 'aria-live': 'off', tabindex: '0' });
    this.none = h('p', { class: 'mark log-none' }, 'Nothing went over the wire yet.');
    place.append(h('header', { class: 'log-head' }, h('b', {}, 'Wire log'), this.only,
      h('button', { type: 'button', class: 'button small quiet', onclick: () => { this.rows.replaceChildren(); } }, 'Clear'),
      this.close = h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Close the wire log' }, icon('close'))),
    this.none, this.rows);
  }

  open() {
    this.#stop = new AbortController();
    this.#follow(this.#stop.signal);
  }

  shut() {
    this.#stop?.abort();
  }

  async #follow(signal) {
    let after = this.last || 0;
    while (!signal.aborted) {
      try {
        const answer = await get('log', { after, wait: 25_000 }, signal);
        if (answer.last < after) { // the workspace was reset or started again
          after = 0;
          this.rows.replaceChildren();
          continue;
        }
        after = this.last = answer.entries.at(-1)?.seq ?? answer.last;
        this.#add(answer.entries);
      } catch (error) {
        if (error.name === 'AbortError') return;
        await new Promise((resolve) => setTimeout(resolve, 2000));
        after = 0;
        this.rows.replaceChildren();
      }
    }
  }

  #add(entries) {
    if (entries.length === 0) return;
    const atEnd = this.rows.scrollHeight - this.rows.scrollTop - this.rows.clientHeight < 40;
    this.rows.append(...entries.map(entryNode));
    while (this.rows.children.length > keep) this.rows.firstChild.remove();
    this.none.hidden = true;
    this.#filter();
    if (atEnd) this.rows.scrollTop = this.rows.scrollHeight;
  }

  #filter() {
    const wanted = this.only.value.trim().toLowerCase();
    for (const row of this.rows.children) row.hidden = Boolean(wanted) && !row.textContent.toLowerCase().includes(wanted);
  }
}

function entryNode(entry) {
  const { way, what, result, bad } = describe(entry);
  const at = new Date(entry.at).toLocaleTimeString('en-GB', { hour12: false });
  const row = h('details', { class: bad ? 'log-row bad' : 'log-row' }, h('summary', {},
    h('time', { datetime: entry.at }, at), h('span', { class: `way ${way[0]}` }, way[1]), h('code', {}, what),
    h('span', { class: 'log-gist' }, gist(entry)), h('span', { class: 'log-result' }, result)));
  // The JSON is written out only when somebody looks at it.
  row.addEventListener('toggle', () => {
    if (row.open && !row.querySelector('pre')) row.append(h('pre', {}, h('code', {}, JSON.stringify(entry, null, 2))));
  });
  return row;
}

const fromBot = ['from', 'bot →'];
const toBot = ['to', '→ bot'];

function describe(e) {
  const ms = e.ms === undefined ? '' : ` · ${e.ms} ms`;
  switch (e.kind) {
    case 'api': {
      const ok = e.result?.ok !== false && (e.status || 200) < 400;
      const said = ok ? 'ok' : e.result?.error || `HTTP ${e.status}`;
      return { way: fromBot, what: e.method, result: `${said}${e.fault ? ' (fault)' : ''}${ms}`, bad: !ok || e.fault };
    }
    case 'envelope': return { way: toBot, what: innerType(e), result: e.retry_attempt ? `retry ${e.retry_attempt}, ${e.retry_reason}` : '' };
    case 'ack': return { way: fromBot, what: 'ack', result: `${e.dropped || 'ok'}${ms}`, bad: Boolean(e.dropped) };
    case 'socket': return { way: ['socket', 'socket'], what: e.event, result: e.reason || '', bad: e.event === 'bad_frame' };
    default: return { way: toBot, what: e.kind, result: e.error || '', bad: e.kind === 'undelivered' };
  }
}

/** What it was about, in a few words. */
function gist({ params = {}, payload = {} }) {
  const p = payload || {};
  const pressed = p.actions?.map((a) => a.action_id).join(', ');
  return String(params.text || p.event?.text || pressed || p.text || params.view?.title?.text || p.view?.title?.text || '').slice(0, 120);
}

function innerType(e) {
  const p = e.payload || {};
  if (e.type === 'events_api') return `event ${p.event?.type || ''}`;
  if (e.type === 'slash_commands') return `command ${p.command || ''}`;
  return `${e.type || 'envelope'} ${p.type || ''}`;
}
