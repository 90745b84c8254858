// page_test.mjs: the page in headless Chromium, against a real server. Each test's name says what is true of it.
//
//     JATAI=build/release/jatai node --test tests/page/page_test.mjs
import "./keys.mjs";
import "./keyboard.mjs"; // before others add versions
import "./seeing.mjs";
import "./acting.mjs";
import "./kinds.mjs";
import "./ruling.mjs";
import "./reading.mjs";
import "./languages.mjs";
import "./broken.mjs";
import "./safety.mjs"; // last: it looks at what all the pages complained of
