// The terminal has the keyboard as soon as it is connected, and again after a click beside it.
(() => {
  const focus = () => document.querySelector(".xterm-helper-textarea")?.focus();
  new MutationObserver(focus).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  addEventListener("focus", focus);
  addEventListener("mouseup", focus);
})();
