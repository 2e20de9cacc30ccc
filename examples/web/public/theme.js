// Applies the theme before the first paint, so that dark pages do not flash white. It is a file of
// its own because the Content-Security-Policy forbids inline scripts. The app stores the theme and
// sends the event "plinth.theme".
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    let theme = null;
    try {
      theme = localStorage.getItem("plinth.theme");
    } catch {
      // The browser blocks storage: follow the system.
    }
    const dark = theme === "dark" || (theme !== "light" && system.matches);
    document.documentElement.classList.toggle("dark", dark);
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
  };
  apply();
  system.addEventListener("change", apply);
  addEventListener("storage", apply);
  addEventListener("plinth.theme", apply);
})();
