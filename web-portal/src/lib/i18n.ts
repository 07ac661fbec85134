import { useTranslate, type Language, type Messages } from '@aiscra/ui'
import type ru from '../../messages/ru.json'

export type Key = keyof typeof ru
export const useT = () => useTranslate<Key>()

export const catalogues: Record<Language, () => Promise<{ default: Messages }>> = {
  kk: () => import('../../messages/kk.json'),
  ru: () => import('../../messages/ru.json'),
  en: () => import('../../messages/en.json'),
}
