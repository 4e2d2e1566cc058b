// Makes an element.

export function element<K extends keyof HTMLElementTagNameMap>(name: K, kind?: string): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  return made;
}
