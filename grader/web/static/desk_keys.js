// Keys by their place where letters are not Latin: a TA who types Hebrew or Georgian need not switch the keyboard.

// "j", "?", "Enter", "ArrowLeft" …
export function nameOf(event) {
  if (event.key.length !== 1) return event.key;
  if (/^[a-z?]$/i.test(event.key)) return event.key.toLowerCase();
  const letter = /^Key([A-Z])$/.exec(event.code);
  if (letter) return letter[1].toLowerCase();
  return event.code === "Slash" && event.shiftKey ? "?" : event.key;
}

// 1 … 10 for the digits (0 is the tenth), 11 … 20 with shift; 0 for any other key.
export function itemNumber(event) {
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1] ?? (/^\d$/.test(event.key) ? event.key : "");
  if (digit === "") return 0;
  return (digit === "0" ? 10 : Number(digit)) + (event.shiftKey ? 10 : 0);
}

export function isTyping(target) {
  return target.closest?.("input[type=text], input[type=search], textarea, select") ?? null;
}

// Enter belongs to what is focused, if that does something by itself.
export function doesSomething(target) {
  return Boolean(target.closest?.("a, button, summary, input, textarea, select, dialog"));
}
