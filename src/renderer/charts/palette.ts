import { onScopeDispose, shallowRef, type Ref, type ShallowRef } from 'vue'
import type { Tone } from '@/lib/tones.ts'

export type ChartTone = Tone | 'primary'

/** The page's tokens as a canvas wants them. */
export interface Palette {
  readonly tones: Readonly<Record<ChartTone, string>>
  readonly text: string
  readonly grid: string
  readonly surface: string
  readonly fontFamily: string
  readonly fontSize: number
}

const SMALL_REM = 0.6875
const TONES: readonly ChartTone[] = ['good', 'info', 'caution', 'bad', 'calm', 'primary']

function readPalette(element: Element): Palette {
  const style = getComputedStyle(element)
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  return {
    // The accent as focus wears it: as a thin line it has to stand out from dark and light alike.
    tones: Object.fromEntries(TONES.map((tone) => [tone, token(tone === 'primary' ? 'ring' : tone)])) as Palette['tones'],
    text: token('muted-foreground'),
    grid: token('border'),
    surface: token('popover') || token('card'),
    fontFamily: style.fontFamily,
    fontSize: SMALL_REM * (Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16),
  }
}

/** Read anew when the system or the page changes how it looks. */
export function usePalette(element: Readonly<Ref<Element | null>>): Readonly<ShallowRef<Palette | null>> {
  const palette = shallowRef<Palette | null>(null)
  const read = (): void => {
    if (element.value) palette.value = readPalette(element.value)
  }
  const query = window.matchMedia('(prefers-color-scheme: dark)')
  const onPage = new MutationObserver(read)
  onPage.observe(document.documentElement, { attributes: true, attributeFilter: ['class', 'style', 'data-theme', 'data-stage'] })
  query.addEventListener('change', read)
  onScopeDispose(() => {
    onPage.disconnect()
    query.removeEventListener('change', read)
  })
  queueMicrotask(read)
  return palette
}
