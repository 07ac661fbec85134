import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react'
import { IntlProvider, useIntl } from 'react-intl'
import { SegmentedControl } from '@mantine/core'
import type ru from '../messages/ru.json'
import { languages, type Language } from './format'

export type UiKey = keyof typeof ru
export type Messages = Record<string, string>
type Values = Record<string, string | number | Date | null | undefined>

const remembered = 'aiscra.language'

/** The chosen language, else the browser's, else Russian. */
export function startLanguage(): Language {
  const stored = localStorage.getItem(remembered)
  if (languages.includes(stored as Language)) return stored as Language
  for (const wanted of navigator.languages ?? []) {
    const short = wanted.slice(0, 2).toLowerCase()
    if (languages.includes(short as Language)) return short as Language
  }
  return 'ru'
}

let current: Language = 'ru'
/** What the client sends as Accept-Language. */
export const currentLanguage = (): Language => current

const own: Record<Language, () => Promise<{ default: Messages }>> = {
  kk: () => import('../messages/kk.json'),
  ru: () => import('../messages/ru.json'),
  en: () => import('../messages/en.json'),
}

interface LanguageState {
  language: Language
  choose(language: Language): void
}
const LanguageContext = createContext<LanguageState>({ language: 'ru', choose: () => {} })
export const useLanguage = () => useContext(LanguageContext)

/** Gives the words of the chosen language to everything below; nothing is shown until they are here. */
export function LanguageProvider({
  load,
  onChange,
  children,
}: {
  load: Record<Language, () => Promise<{ default: Messages }>>
  /** Called after the language has changed, so that answers of the server can be asked for again. */
  onChange?: () => void
  children: ReactNode
}) {
  const [language, setLanguage] = useState(startLanguage)
  const [ready, setReady] = useState<{ language: Language; messages: Messages }>()

  useEffect(() => {
    let alive = true
    void Promise.all([own[language](), load[language]()]).then(([ui, app]) => {
      if (!alive) return
      const before = current
      current = language
      document.documentElement.lang = language
      setReady({ language, messages: { ...ui.default, ...app.default } })
      if (before !== language) onChange?.()
    })
    return () => {
      alive = false
    }
  }, [language, load, onChange])

  const choose = useCallback((wanted: Language) => {
    localStorage.setItem(remembered, wanted)
    setLanguage(wanted)
  }, [])
  const state = useMemo(() => ({ language, choose }), [language, choose])
  if (!ready) return null
  return (
    <LanguageContext value={state}>
      <IntlProvider locale={ready.language} messages={ready.messages as never} onError={loud}>
        {children}
      </IntlProvider>
    </LanguageContext>
  )
}

// A word that is missing is a defect, not a fallback: tests see it as an error in the console.
function loud(error: { code: string }) {
  // A browser without Kazakh locale data: our own formats and the one plural form cover it.
  if (error.code !== 'MISSING_DATA') console.error(error)
}

/** Words by key; the type knows every key there is. */
export function useTranslate<Key extends string>() {
  const intl = useIntl()
  return useCallback((id: Key, values?: Values): string => intl.formatMessage({ id }, values as never) as string, [intl])
}
export const useUi = () => useTranslate<UiKey>()

const names: Record<Language, string> = { kk: 'Қаз', ru: 'Рус', en: 'Eng' }

export function LanguageSwitch({ fullWidth }: { fullWidth?: boolean }) {
  const { language, choose } = useLanguage()
  const t = useUi()
  return (
    <SegmentedControl
      size="xs"
      fullWidth={fullWidth ?? false}
      aria-label={t('ui.language')}
      value={language}
      onChange={(value) => choose(value as Language)}
      data={languages.map((value) => ({ value, label: <span lang={value}>{names[value]}</span> }))}
    />
  )
}
