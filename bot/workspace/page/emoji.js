// The names people use most. A name that is not here stays readable as :name:.
const table = `
+1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 ok_hand 👌 clap 👏 wave 👋 raised_hands 🙌 pray 🙏 muscle 💪 point_right 👉
point_left 👈 point_up 👆 point_down 👇 handshake 🤝 eyes 👀 brain 🧠 speech_balloon 💬 thought_balloon 💭
smile 😄 smiley 😃 grinning 😀 grin 😁 joy 😂 slightly_smiling_face 🙂 wink 😉 blush 😊 thinking_face 🤔 neutral_face 😐
sweat_smile 😅 cry 😢 sob 😭 scream 😱 sunglasses 😎 heart_eyes 😍 partying_face 🥳 robot_face 🤖 shrug 🤷 facepalm 🤦
heart ❤️ broken_heart 💔 sparkles ✨ star ⭐ star2 🌟 fire 🔥 boom 💥 zap ⚡ tada 🎉 confetti_ball 🎊 trophy 🏆 medal 🏅
first_place_medal 🥇 second_place_medal 🥈 third_place_medal 🥉 dart 🎯 rocket 🚀 moneybag 💰 dollar 💵 euro 💶 credit_card 💳
chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 bar_chart 📊 clipboard 📋 memo 📝 pencil ✏️ pencil2 ✏️ page_facing_up 📄
file_folder 📁 open_file_folder 📂 inbox_tray 📥 outbox_tray 📤 package 📦 email 📧 envelope ✉️ telephone_receiver 📞 phone ☎️
calendar 📆 date 📅 spiral_calendar_pad 🗓️ alarm_clock ⏰ hourglass ⌛ hourglass_flowing_sand ⏳ stopwatch ⏱️ clock1 🕐
bell 🔔 no_bell 🔕 mega 📣 loudspeaker 📢 mag 🔍 lock 🔒 unlock 🔓 key 🔑 link 🔗 pushpin 📌 round_pushpin 📍 paperclip 📎
bulb 💡 gear ⚙️ wrench 🔧 hammer 🔨 construction 🚧 warning ⚠️ rotating_light 🚨 no_entry ⛔ no_entry_sign 🚫 x ❌
white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ question ❓ grey_question ❔ exclamation ❗ heavy_exclamation_mark ❗
information_source ℹ️ bangbang ‼️ 100 💯 arrow_up ⬆️ arrow_down ⬇️ arrow_right ➡️ arrow_left ⬅️ arrow_upper_right ↗️
arrow_lower_right ↘️ arrows_counterclockwise 🔄 repeat 🔁 heavy_plus_sign ➕ heavy_minus_sign ➖ red_circle 🔴 large_green_circle 🟢
large_yellow_circle 🟡 large_orange_circle 🟠 large_blue_circle 🔵 white_circle ⚪ black_circle ⚫ small_red_triangle 🔺
small_red_triangle_down 🔻 small_blue_diamond 🔹 large_green_square 🟩 large_yellow_square 🟨 large_red_square 🟥
triangular_flag_on_post 🚩 checkered_flag 🏁 seedling 🌱 deciduous_tree 🌳 sunny ☀️ cloud ☁️ umbrella ☔ snowflake ❄️ rainbow 🌈
earth_africa 🌍 earth_americas 🌎 earth_asia 🌏 globe_with_meridians 🌐 house 🏠 office 🏢 factory 🏭 bank 🏦 briefcase 💼
bust_in_silhouette 👤 busts_in_silhouette 👥 coffee ☕ pizza 🍕 beers 🍻 gift 🎁 balloon 🎈 crown 👑 gem 💎 crystal_ball 🔮
game_die 🎲 jigsaw 🧩 puzzle_piece 🧩 compass 🧭 anchor ⚓ ship 🚢 airplane ✈️ car 🚗 turtle 🐢 dog 🐶 cat 🐱 unicorn_face 🦄
`.trim().split(/\s+/);

const glyphs = new Map();
for (let i = 0; i + 1 < table.length; i += 2) glyphs.set(table[i], table[i + 1]);

/** The glyph of a name, or null. `unicode` is what Slack puts into rich text: "1f44d-1f3fd". */
export function glyph(name, unicode = '') {
  if (/^[0-9a-f]{2,6}(-[0-9a-f]{2,6})*$/i.test(unicode)) {
    return unicode.split('-').map((code) => String.fromCodePoint(parseInt(code, 16))).join('');
  }
  return glyphs.get(name.replace(/::skin-tone-\d$/, '')) || null;
}
