/** By which an operating system knows this application, for good: another one would be another application, with settings and permissions of its own. */
export const APPLICATION_ID = 'ironcage.control-room'

/** Of links that lead here, as in `iron-cage://open`. */
export const LINK_SCHEME = 'iron-cage'
