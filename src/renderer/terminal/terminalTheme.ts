import type { ITheme } from '@xterm/xterm'
import { followLook, type Theme } from '@/appearance/look.ts'

const DARK: ITheme = {
  background: '#0b0c11',
  foreground: '#d9dce6',
  cursor: '#a5a8ff',
  cursorAccent: '#0b0c11',
  scrollbarSliderBackground: '#ffffff1f',
  scrollbarSliderHoverBackground: '#ffffff38',
  scrollbarSliderActiveBackground: '#ffffff4d',
  selectionBackground: '#4a4fb380',
  selectionInactiveBackground: '#4a4fb34d',
  black: '#23262f',
  red: '#f2777a',
  green: '#6cd293',
  yellow: '#eac069',
  blue: '#74aef5',
  magenta: '#c59af2',
  cyan: '#62cdd3',
  white: '#c9ccd6',
  brightBlack: '#747a8c',
  brightRed: '#ff9a9c',
  brightGreen: '#94e6b2',
  brightYellow: '#f7d894',
  brightBlue: '#9cc7ff',
  brightMagenta: '#dabaff',
  brightCyan: '#92e4e8',
  brightWhite: '#f5f6fa',
}

const LIGHT: ITheme = {
  background: '#fdfdfe',
  foreground: '#23262f',
  cursor: '#5457d6',
  cursorAccent: '#fdfdfe',
  scrollbarSliderBackground: '#0000001f',
  scrollbarSliderHoverBackground: '#00000038',
  scrollbarSliderActiveBackground: '#0000004d',
  selectionBackground: '#5457d640',
  selectionInactiveBackground: '#5457d626',
  black: '#23262f',
  red: '#b3261e',
  green: '#1d6f42',
  yellow: '#855a00',
  blue: '#1f5fbf',
  magenta: '#7a3fb5',
  cyan: '#0d6b73',
  white: '#5c6270',
  brightBlack: '#6b7080',
  brightRed: '#c8332b',
  brightGreen: '#25804f',
  brightYellow: '#966800',
  brightBlue: '#2c6fd6',
  brightMagenta: '#8b4fc7',
  brightCyan: '#127a83',
  brightWhite: '#3a3e4a',
}

/** On stage black is black and white is white. */
const STAGE: Readonly<Record<Theme, ITheme>> = {
  dark: { ...DARK, background: '#000000', foreground: '#ffffff', cursorAccent: '#000000', white: '#f1f2f6', brightBlack: '#a9aebd' },
  light: { ...LIGHT, background: '#ffffff', foreground: '#000000', cursorAccent: '#ffffff', brightBlack: '#4a4f5c' },
}

/** Follows what the page wears; calls at once, and again at each change. */
export function followTerminalTheme(apply: (theme: ITheme, isDark: boolean) => void): () => void {
  return followLook(({ theme, isOnStage }) => apply(isOnStage ? STAGE[theme] : theme === 'dark' ? DARK : LIGHT, theme === 'dark'))
}
