/** Whether somebody has the page before the eyes, as far as it can know: it may be seen and yet stand behind what somebody works in. */
export const isLookedAt = (page: Pick<Document, 'visibilityState' | 'hasFocus'>): boolean => page.visibilityState === 'visible' && page.hasFocus()
