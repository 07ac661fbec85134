import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { useUi } from './i18n'
import { IconMoon, IconSun } from './icons'

/** Light or dark: the system's wish until the person chooses. */
export function SchemeSwitch() {
  const t = useUi()
  const { setColorScheme } = useMantineColorScheme()
  const now = useComputedColorScheme('light')
  const words = now === 'dark' ? t('ui.scheme.light') : t('ui.scheme.dark')
  return (
    <ActionIcon variant="subtle" color="gray" size="lg" aria-label={words} title={words} onClick={() => setColorScheme(now === 'dark' ? 'light' : 'dark')}>
      {now === 'dark' ? <IconSun /> : <IconMoon />}
    </ActionIcon>
  )
}
