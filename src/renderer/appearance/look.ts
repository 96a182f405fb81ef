/** What the page wears stands on its root: styles.css, charts and terminals read it there. */
export type Theme = 'light' | 'dark'
export const THEME_CHOICES = ['system', 'light', 'dark'] as const
export type ThemeChoice = (typeof THEME_CHOICES)[number]

export const THEME_WORDS: Readonly<Record<ThemeChoice, string>> = { system: 'As the system', light: 'Light', dark: 'Dark' }

const WORN = ['data-theme', 'data-stage']

export function wearTheme(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme
}

/** Larger type and the strongest contrast, for whoever sits in the last row. */
export function wearStage(isOnStage: boolean): void {
  if (isOnStage) document.documentElement.dataset['stage'] = 'on'
  else delete document.documentElement.dataset['stage']
}

export interface Look {
  readonly theme: Theme
  readonly isOnStage: boolean
}

export function wornLook(): Look {
  const { theme, stage } = document.documentElement.dataset
  return { theme: theme === 'dark' ? 'dark' : 'light', isOnStage: stage === 'on' }
}

/** Calls at once, and again at each change; gives back what ends it. */
export function followLook(apply: (look: Look) => void): () => void {
  const observer = new MutationObserver(() => apply(wornLook()))
  observer.observe(document.documentElement, { attributes: true, attributeFilter: WORN })
  apply(wornLook())
  return () => observer.disconnect()
}
