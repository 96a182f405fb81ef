import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Access } from '../controlRoom.ts'
import type { Clock } from '../ports.ts'
import { readCookie } from './gate.ts'

const WINDOW_MS = 60_000
/** A code cannot be guessed; the limit only keeps a hostile page from keeping us busy. */
const MOST_FAILURES = 20

const HOW_TO = 'Run <code>iron_cage link</code> on the machine where the control room runs to get a new one.'

export interface SignInOptions {
  readonly access: Access
  readonly clock: Clock
  readonly cookieName: () => string
}

/** `GET /sign-in?code=…`: turns a one-time code into a session cookie. */
export function addSignIn(app: FastifyInstance, { access, clock, cookieName }: SignInOptions): void {
  let failures: number[] = []

  const sendPage = (reply: FastifyReply, status: number, sentence: string): FastifyReply =>
    reply.code(status).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(page(sentence))

  /** Who follows a used link a second time wants the room, not a lesson. */
  async function isSignedIn(request: FastifyRequest): Promise<boolean> {
    const session = readCookie(request.headers.cookie, cookieName())
    return session !== null && (await access.fromSession(session)) !== null
  }

  app.get('/sign-in', { config: { isOpen: true }, exposeHeadRoute: false }, async (request, reply) => {
    if (!isVisit(request.headers)) return sendPage(reply, 403, 'A sign-in link has to be opened in a window of its own.')
    failures = failures.filter((at) => clock.now() - at < WINDOW_MS)
    if (failures.length >= MOST_FAILURES) return sendPage(reply, 429, 'Too many links have failed; wait a minute and try again.')
    const { code } = request.query as Record<string, unknown>
    const redeemed = typeof code === 'string' ? await access.redeemCode(code) : null
    if (!redeemed) {
      if (await isSignedIn(request)) return reply.code(303).headers({ 'cache-control': 'no-store', location: '/' }).send()
      failures.push(clock.now())
      return sendPage(reply, 401, `This sign-in link has been used already, or is too old. ${HOW_TO}`)
    }
    const cookie = `${cookieName()}=${redeemed.session}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${redeemed.maxAgeSeconds}`
    return reply.code(303).headers({ 'cache-control': 'no-store', 'set-cookie': cookie, location: '/' }).send()
  })

  // Mail scanners and link previews look before their user does: a look uses nothing up.
  app.head('/sign-in', { config: { isOpen: true } }, async (_request, reply) =>
    reply.header('cache-control', 'no-store').type('text/html; charset=utf-8').send(),
  )
}

/** Somebody following a link, and no image, script or prefetch of some page. Other clients than browsers name no site. */
function isVisit(headers: Readonly<Record<string, string | string[] | undefined>>): boolean {
  if ([headers['sec-purpose'], headers['purpose'], headers['x-moz']].some((value) => value?.includes('prefetch'))) return false
  return headers['sec-fetch-site'] === undefined || (headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document')
}

function page(sentence: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Iron Cage Control Room</title>
<style>body { font: 16px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 20vh auto; padding: 0 1rem }</style>
<h1>Not signed in</h1>
<p>${sentence}</p>
</html>
`
}
