/**
 * xterm.js writes styles as markup: text in `<style>` elements, and `style` attributes of its cells. The content security policy takes neither, since
 * whoever gets markup into the page could do the same; what a script sets as an object passes. Here the one becomes the other.
 * May go when xterm.js takes a nonce or sets its styles itself (https://github.com/xtermjs/xterm.js/issues/4445).
 */
export function writeStylesAsObjects({ document, CSSStyleSheet, Element, HTMLSpanElement, HTMLStyleElement, Node }: Window & typeof globalThis): void {
  const sheets = new WeakMap<HTMLStyleElement, CSSStyleSheet>()
  const text = Object.getOwnPropertyDescriptor(Node.prototype, 'textContent')!

  Object.defineProperty(HTMLStyleElement.prototype, 'textContent', {
    configurable: true,
    get(this: HTMLStyleElement): unknown {
      return text.get!.call(this)
    },
    set(this: HTMLStyleElement, css: string) {
      let sheet = sheets.get(this)
      if (!sheet) {
        sheet = new CSSStyleSheet()
        sheets.set(this, sheet)
        document.adoptedStyleSheets.push(sheet)
      }
      sheet.replaceSync(css)
    },
  })

  HTMLStyleElement.prototype.remove = function remove(): void {
    const sheet = sheets.get(this)
    sheets.delete(this)
    if (sheet) document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet)
    Element.prototype.remove.call(this)
  }

  HTMLSpanElement.prototype.setAttribute = function setAttribute(name: string, value: string): void {
    if (name === 'style') this.style.cssText = value
    else Element.prototype.setAttribute.call(this, name, value)
  }
}
