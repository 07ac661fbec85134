import { createTheme, type MantineColorsTuple } from '@mantine/core'

// Deep water blue; step 7 carries white text at 6.5:1.
const water: MantineColorsTuple = [
  '#e8f4fb', '#d2e6f3', '#a6cde6', '#76b2d9', '#4e9bce', '#338cc7', '#1f7fbc', '#0f6ba4', '#055d92', '#004c7a',
]
// The night side: text, quiet text, hints, borders, fields, panels, the ground.
const dark: MantineColorsTuple = [
  '#e4ebf2', '#cad4de', '#aab7c4', '#93a2b1', '#3a4957', '#2c3946', '#212d38', '#18222c', '#0f171f', '#0a1016',
]

export const theme = createTheme({
  primaryColor: 'water',
  primaryShade: 7,
  colors: { water, dark },
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
