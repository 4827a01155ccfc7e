// What the page knows of the workspace: the last answer of /sim/state, with look-ups.

export const world = {
  team: {}, bot: { name: 'the bot' }, users: [], channels: [], commands: [], suggestions: [],
  connections: 0, waiting: 0, faults: [], version: 0,
  me: null, // the user who is acting
};

/** Takes in an answer of /sim/state. */
export function learn(state) {
  Object.assign(world, state);
  world.suggestions = state.suggestions || [];
  world.commands = state.commands || [];
  if (world.me) world.me = userById(world.me.id) || null;
}

export const userById = (id) => world.users.find((u) => u.id === id);
export const channelById = (id) => world.channels.find((c) => c.id === id);
export const people = () => world.users.filter((u) => !u.is_bot);
export const botUser = () => userById(world.bot.user_id);
export const dmOf = (user) => user && channelById(user.dm || world.channels.find((c) => c.user === user.id)?.id);

/** A user by id or handle, a channel by id, name or "dm": deep links may use either. */
export const findUser = (key) => world.users.find((u) => u.id === key || u.name === key);
export function findChannel(key, me) {
  if (key === 'dm') return dmOf(me);
  return world.channels.find((c) => c.id === key || (c.name && c.name === key.replace(/^#/, '')));
}

export function nameOf(userId) {
  if (userId === 'USLACKBOT') return 'Slackbot';
  const user = userById(userId);
  return user ? user.real_name || user.name : userId;
}

export function channelName(id) {
  const channel = channelById(id);
  if (!channel) return id;
  return channel.is_im ? world.bot.name : channel.name;
}

/** The conversations a person can open: their own, and public ones they may join. */
export function channelsOf(user) {
  return world.channels
    .filter((c) => !c.is_im)
    .filter((c) => isIn(user, c) || (!c.is_private && !user.is_restricted && !user.is_stranger && !c.is_archived))
    .sort((a, b) => Number(isIn(user, b)) - Number(isIn(user, a)) || a.name.localeCompare(b.name));
}

export const isIn = (user, channel) => (channel.members || []).includes(user.id);

export function roleOf(user) {
  if (user.deleted) return 'Deactivated';
  if (user.is_stranger) return 'From another organisation';
  if (user.is_restricted) return 'Guest';
  return user.title || (user.is_admin ? 'Workspace admin' : 'Member');
}
