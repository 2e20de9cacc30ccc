// Draws the contract with Redoc, in the colours of docs.css.
"use strict";

const style = getComputedStyle(document.documentElement);
const the = (name) => style.getPropertyValue(`--${name}`).trim();

const answer = (color, tabTextColor) => ({ color, backgroundColor: the("surface"), tabTextColor });

const theme = {
  spacing: { sectionVertical: 24 },
  colors: {
    primary: { main: the("accent") },
    text: { primary: the("text"), secondary: the("muted") },
    border: { light: the("line"), dark: the("line") },
    gray: { 50: the("surface"), 100: the("line") },
    responses: { // tabs are always dark
      success: answer(the("good"), "#4ade80"), error: answer(the("bad"), "#f87171"), redirect: answer(the("accent"), "#a5b4fc"),
    },
  },
  schema: {
    nestedBackground: the("surface"), linesColor: the("line"), arrow: { color: the("muted") },
    typeNameColor: the("muted"), typeTitleColor: the("muted"), requireLabelColor: the("bad"),
  },
  typography: {
    fontFamily: the("font"), fontSize: "15px", lineHeight: "1.6",
    headings: { fontFamily: the("font"), fontWeight: "600" },
    code: { fontFamily: the("mono"), color: the("accent"), backgroundColor: the("surface"), wrap: true },
    links: { color: the("accent"), visited: the("accent"), hover: the("accent") },
  },
  sidebar: {
    backgroundColor: the("surface"), textColor: the("text"), activeTextColor: the("accent"),
    groupItems: { activeBackgroundColor: the("line") }, level1Items: { activeBackgroundColor: the("line") },
  },
  rightPanel: {
    backgroundColor: the("samples"),
    servers: { overlay: { backgroundColor: the("code"), textColor: "#fff" }, url: { backgroundColor: the("samples") } },
  },
  codeBlock: { backgroundColor: the("code") },
};

// What is wider than its column can be scrolled with a keyboard, too.
new MutationObserver(() => {
  for (const wide of document.querySelectorAll("#docs :is(pre, .redoc-markdown table):not([tabindex])")) wide.tabIndex = 0;
}).observe(document.getElementById("docs"), { childList: true, subtree: true });

Redoc.init("openapi.json", {
  theme,
  scrollYOffset: ".bar", // the only offset: scroll-padding-top would add to it
  requiredPropsFirst: true,
  expandResponses: "200,201",
  hideDownloadButtons: true, // the bar has the links
  hideSingleRequestSampleTab: true,
  showExtensions: ["x-extensible-enum"], // the values that an answer may have by now
  jsonSamplesExpandLevel: 3,
}, document.getElementById("docs"));

// Redoc mixes its colours once, when it starts.
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => location.reload());
