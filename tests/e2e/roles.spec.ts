// Each role sees the sections of its rights and no others; a session survives a reload and ends at sign-out.
import { expect, test } from '@playwright/test'
import { signIn } from './support'

const sections: Record<string, string[]> = {
  admin: ['Документы', 'Задания', 'Журнал действий', 'Пользователи', 'Операции'],
  'operator.multi': ['Картина города', 'Абоненты', 'Показания под вопросом', 'Загрузка файлов', 'Небаланс домов', 'Вторая подпись', 'Задолженность', 'Тарифы и настройки', 'Документы', 'Задания'],
  cashier: ['Касса', 'Абоненты'],
  'chief.cashier': ['Касса', 'Абоненты', 'Кассы', 'Документы'],
  inspector: ['Абоненты', 'Показания под вопросом'],
  chief: ['Картина города', 'Абоненты', 'Показания под вопросом', 'Загрузка файлов', 'Расчётный месяц', 'Небаланс домов', 'Исправления', 'Правка фактов', 'Вторая подпись', 'Задолженность', 'Банки и терминалы', 'Кассы', 'Сверка платежей', 'Тарифы и настройки', 'Что если', 'Документы', 'Задания', 'Журнал действий'],
  treasurer: ['Картина города', 'Абоненты', 'Расчётный месяц', 'Исправления', 'Правка фактов', 'Задолженность', 'Сверка платежей', 'Документы', 'Задания'],
  manager: ['Картина города', 'Абоненты', 'Показания под вопросом', 'Расчётный месяц', 'Небаланс домов', 'Исправления', 'Правка фактов', 'Задолженность', 'Кассы', 'Сверка платежей', 'Тарифы и настройки', 'Что если', 'Документы', 'Задания'],
  auditor: ['Картина города', 'Абоненты', 'Показания под вопросом', 'Загрузка файлов', 'Расчётный месяц', 'Небаланс домов', 'Исправления', 'Правка фактов', 'Задолженность', 'Банки и терминалы', 'Кассы', 'Сверка платежей', 'Тарифы и настройки', 'Что если', 'Документы', 'Задания', 'Журнал действий', 'Пользователи'],
}

/** Sections that open on the first of their pages. */
const heads: Record<string, string> = { 'Сверка платежей': 'Дни каналов' }

for (const [login, expected] of Object.entries(sections)) {
  test(`${login} sees its sections, and each opens`, async ({ page }) => {
    await signIn(page, login)
    const menu = page.getByRole('navigation', { name: 'Разделы' })
    await expect(menu.getByRole('link')).toHaveText(expected)
    for (const section of expected) {
      await menu.getByRole('link', { name: section }).click()
      await expect(page.getByRole('heading', { level: 1, name: heads[section] ?? section })).toBeVisible()
      await expect(menu.getByRole('link', { name: section })).toHaveAttribute('aria-current', 'page')
      await page.waitForLoadState('networkidle')
      await expect(page.getByRole('alert')).toHaveCount(0)
    }
  })
}

test('a section without a right is told in one sentence, with nothing to try again', async ({ page }) => {
  await signIn(page, 'chief')
  await page.goto('/admin/users')
  await expect(page.getByText('У вас нет права на этот раздел')).toBeVisible()
  await expect(page.getByRole('alert')).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Повторить' })).toHaveCount(0)
})

test('whoever was signed out elsewhere reads why', async ({ page }) => {
  await signIn(page, 'cashier')
  // The server knows this token as little as one of a session that was ended.
  await page.evaluate(() => localStorage.setItem('aiscra.admin.refresh', 'ended'))
  await page.reload()
  await expect(page.getByText(/Сеанс завершён/)).toBeVisible()
})

test('a reload keeps the session, sign-out ends it', async ({ page }) => {
  await signIn(page, 'cashier')
  await page.reload()
  await expect(page.getByRole('navigation', { name: 'Разделы' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('navigation', { name: 'Разделы' })).toBeVisible()
  await page.getByRole('button', { name: 'Выйти' }).click()
  await expect(page.getByRole('heading', { name: 'Вход для сотрудников' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Вход для сотрудников' })).toBeVisible()
})

test('a wrong password is refused in words and keeps the login', async ({ page }) => {
  await page.addInitScript(() => localStorage.setItem('aiscra.language', 'ru'))
  await page.goto('/admin/')
  await page.getByLabel('Логин').fill('cashier')
  await page.getByLabel('Пароль').fill('not-the-password')
  await page.getByRole('button', { name: 'Войти' }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await expect(page.getByLabel('Логин')).toHaveValue('cashier')
})
