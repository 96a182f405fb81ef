import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../shared/errors.ts'
import type { Access } from '../controlRoom.ts'
import type { Clock } from '../ports.ts'
import type { Addresses } from './addresses.ts'
import { readCookie } from './gate.ts'
import { addressOf, sessionCookie } from './login.ts'
import type { RefusalLog } from './refusalLog.ts'
import { noticePage, SIGN_IN_HEADERS, signInPage } from './signInPage.ts'

const WINDOW_MS = 60_000
/** A code cannot be guessed; the limit only keeps a hostile page from keeping us busy. */
const MOST_FAILURES = 20
const LARGEST_FORM_BYTES = 10_000

export interface SignInOptions {
  readonly access: Access
  readonly clock: Clock
  readonly onRefusal: RefusalLog
  readonly addresses: () => Addresses
}

/** `/sign-in`: a page for name and password, and what turns a one-time code (`?code=…`) into a session cookie. */
export function addSignIn(app: FastifyInstance, { access, clock, onRefusal, addresses }: SignInOptions): void {
  let failures: number[] = []

  const sendForm = (reply: FastifyReply, status: number, title: string, sentence: string): FastifyReply =>
    reply.code(status).headers(SIGN_IN_HEADERS).type('text/html; charset=utf-8').send(signInPage(title, sentence))
  const refuse = (reply: FastifyReply, status: number, sentence: string): FastifyReply =>
    reply.code(status).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(noticePage(sentence))
  const leadIn = (reply: FastifyReply, cookie?: string): FastifyReply =>
    reply.code(303).headers({ 'cache-control': 'no-store', location: '/', ...(cookie === undefined ? {} : { 'set-cookie': cookie }) }).send()

  /** Who follows a used link a second time wants the room, not a lesson. */
  async function isSignedIn(request: FastifyRequest): Promise<boolean> {
    const session = readCookie(request.headers.cookie, addresses().cookieName)
    return session !== null && (await access.fromSession(session)) !== null
  }

  app.get('/sign-in', { config: { isOpen: true }, exposeHeadRoute: false }, async (request, reply) => {
    if (!isVisit(request.headers)) return refuse(reply, 403, 'A sign-in link has to be opened in a window of its own.')
    const { code } = request.query as Record<string, unknown>
    if (code === undefined) {
      if (await isSignedIn(request)) return leadIn(reply)
      return sendForm(reply, 200, 'Sign in', 'The control room on this machine asks who you are.')
    }
    const now = clock.now()
    // Of a clock that was set back since, nobody knows how long ago they were.
    failures = failures.filter((at) => at <= now && now - at < WINDOW_MS)
    if (failures.length >= MOST_FAILURES) return refuse(reply, 429, 'Too many links have failed; wait a minute and try again.')
    const redeemed = typeof code === 'string' ? await access.redeemCode(code) : null
    if (!redeemed) {
      if (await isSignedIn(request)) return leadIn(reply)
      failures.push(now)
      return refuse(reply, 401, 'This sign-in link has been used already, or is too old.')
    }
    return leadIn(reply, sessionCookie(addresses(), redeemed.session, redeemed.maxAgeSeconds))
  })

  // Mail scanners and link previews look before their user does: a look uses nothing up.
  app.head('/sign-in', { config: { isOpen: true } }, async (_request, reply) =>
    reply.header('cache-control', 'no-store').type('text/html; charset=utf-8').send(),
  )

  // A scope of its own: no other address takes a form.
  void app.register(async (scope) => {
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: LARGEST_FORM_BYTES }, async (_request: FastifyRequest, body: string | Buffer) =>
      new URLSearchParams(body.toString()),
    )
    scope.post('/sign-in', { config: { isOpen: true } }, async (request, reply) => {
      if (!isOwnForm(request, addresses())) {
        onRefusal(request.raw, new AppError('FORBIDDEN', 'A form of another page was sent to the sign-in.'))
        return refuse(reply, 403, 'This form has to be sent from the sign-in page of the control room itself.')
      }
      const [name = '', password = ''] = [request.body.get('username') ?? '', request.body.get('password') ?? '']
      try {
        const signedIn = await access.signIn({ name: name.trim(), password, address: addressOf(request) })
        if (signedIn) return leadIn(reply, sessionCookie(addresses(), signedIn.session, signedIn.maxAgeSeconds))
        onRefusal(request.raw, new AppError('UNAUTHENTICATED', 'A sign-in with name and password has failed.'))
        return sendForm(reply, 401, 'Not signed in', 'Name or password is wrong.')
      } catch (problem) {
        if (!(problem instanceof AppError) || problem.code !== 'RATE_LIMITED') throw problem
        onRefusal(request.raw, problem)
        return sendForm(reply, 429, 'Not signed in', problem.message)
      }
    })
  })
}

/** Browsers name the page with every form; a cookie set for somebody by a foreign page would be that page's sign-in, not theirs. */
function isOwnForm(request: FastifyRequest, { ownOrigins }: Addresses): request is FastifyRequest & { body: URLSearchParams } {
  const { origin } = request.headers
  const site = request.headers['sec-fetch-site']
  return origin !== undefined && ownOrigins.has(origin) && (site === undefined || site === 'same-origin') && request.body instanceof URLSearchParams
}

/** Somebody following a link, and no image, script or prefetch of some page. Other clients than browsers name no site. */
function isVisit(headers: Readonly<Record<string, string | string[] | undefined>>): boolean {
  if ([headers['sec-purpose'], headers['purpose'], headers['x-moz']].some((value) => value?.includes('prefetch'))) return false
  return headers['sec-fetch-site'] === undefined || (headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document')
}
