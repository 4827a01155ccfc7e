// The client of /sim/, the JSON interface people act through (docs/workspace.md).

/** The workspace said no: `code` is Slack's or the workspace's error. */
export class Refused extends Error {
  constructor(answer) {
    super(answer.detail || words[answer.error] || answer.error);
    this.code = answer.error;
  }
}

/** Nobody answered, or not with JSON. */
export class Unreachable extends Error {}

const words = {
  unknown_command: 'That command does not exist here',
  not_in_channel: 'You are not in this channel',
  is_archived: 'This channel is archived',
  user_deactivated: 'This account is deactivated',
  not_shown: 'This is no longer on screen',
  view_not_found: 'This form is no longer open',
  message_not_found: 'This message is gone',
  invalid_json: 'The workspace did not understand the page',
};

async function ask(path, init) {
  let answer;
  try {
    const response = await fetch(path, init);
    answer = await response.json();
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Unreachable('The workspace is not answering');
  }
  if (!answer.ok) throw new Refused(answer);
  return answer;
}

export function get(what, params = {}, signal = undefined) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== null) query.set(name, value);
  }
  return ask(`/sim/${what}?${query}`, { signal });
}

export function post(act, body) {
  return ask(`/sim/${act}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** What became of an act, for people: {text, bad}. An act that did not reach the bot has no delivery. */
export function outcome(delivery, botName) {
  if (!delivery) return { text: 'Sent', bad: false };
  if (delivery.payload_error) {
    return { text: `Slack would not take ${botName}’s answer (${delivery.payload_error})`, bad: true };
  }
  if (delivery.acked) return { text: `${botName} acknowledged in ${delivery.ms || 'under 1'} ms`, bad: false };
  if (delivery.error === 'dispatch_failed') {
    return { text: `No bot is connected, so nobody heard this (dispatch_failed)`, bad: true };
  }
  if (delivery.error === 'operation_timeout') {
    return { text: `${botName} did not acknowledge within 3 seconds (operation_timeout)`, bad: true };
  }
  return { text: `${botName} could not be reached (${delivery.error})`, bad: true };
}
