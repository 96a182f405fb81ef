/** Of an element without any text: xterm.js puts such ones in, and src/renderer/terminal/stylesAsObjects.ts gives them their rules as objects. */
const EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' ${EMPTY_STYLE}`,
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** What the page has no use for, so that nobody who gets into it has either. */
const PERMISSIONS_POLICY = ['camera', 'display-capture', 'geolocation', 'hid', 'idle-detection', 'local-fonts', 'microphone', 'midi', 'payment', 'serial', 'usb', 'window-management']
  .map((feature) => `${feature}=()`)
  .join(', ')

/** They go with every answer, whatever it is. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'permissions-policy': PERMISSIONS_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}
