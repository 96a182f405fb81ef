import { createHash } from 'node:crypto'
import { SECURITY_HEADERS } from '../page/securityHeaders.ts'

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 24rem; margin: 15vh auto; padding: 0 1rem }
label, input, button { display: block; width: 100%; box-sizing: border-box; font: inherit }
label { margin-top: 1rem }
input, button { padding: 0.5rem 0.75rem; border: 1px solid; border-radius: 0.5rem }
button { margin-top: 1.5rem; cursor: pointer }
footer { margin-top: 2rem; font-size: 0.875rem }
`
/** This text and no other: styles that anybody else gets into the page stay without effect. */
const STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`

/**
 * Of its own form this page sends its origin along, by which we know it; and it may send the form to us.
 * Everything else is as strict as everywhere.
 */
export const SIGN_IN_HEADERS: Readonly<Record<string, string>> = {
  ...SECURITY_HEADERS,
  'content-security-policy': SECURITY_HEADERS['content-security-policy']!.replace(/style-src [^;]+/, `style-src ${STYLE_SOURCE}`).replace("form-action 'none'", "form-action 'self'"),
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
}

/** Works without JavaScript, which it may not have. Nothing that was typed is repeated in it. */
export function signInPage(title: string, sentence: string): string {
  return page(
    title,
    sentence,
    `<form method="post" action="/sign-in">
<label for="username">Name</label>
<input id="username" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button type="submit">Sign in</button>
</form>
<footer>${HOW_TO} It signs you in as the owner.</footer>`,
  )
}

/** Says why somebody is not in, and how to come in. */
export function noticePage(sentence: string): string {
  return page('Not signed in', sentence, `<footer><a href="/sign-in">Sign in with name and password</a>, or: ${HOW_TO}</footer>`)
}

const HOW_TO = 'Run <code>iron_cage link</code> on the machine where the control room runs to get a new link.'

function page(title: string, sentence: string, rest: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Iron Cage Control Room</title>
<style>${STYLE}</style>
<main>
<h1>${title}</h1>
<p role="status">${sentence}</p>
${rest}
</main>
</html>
`
}
