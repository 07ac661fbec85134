import { createTheme, type MantineColorsTuple } from '@mantine/core'

// Deep water blue; step 7 carries white text at 6.5:1.
const water: MantineColorsTuple = [
  '#e8f4fb', '#d2e6f3', '#a6cde6', '#76b2d9', '#4e9bce', '#338cc7', '#1f7fbc', '#0f6ba4', '#055d92', '#004c7a',
]

export const theme = createTheme({
  primaryColor: 'water',
  primaryShade: 7,
  colors: { water },
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
  headings: { fontFamily: "'Inter Variable', system-ui, sans-serif", fontWeight: '650' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  black: '#14202b',
  components: {
    Table: { defaultProps: { verticalSpacing: 8, horizontalSpacing: 'md' } },
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.35 } } },
    Badge: { defaultProps: { variant: 'light', radius: 'sm' } },
    Tooltip: { defaultProps: { withArrow: true, multiline: true, maw: 320 } },
  },
})
