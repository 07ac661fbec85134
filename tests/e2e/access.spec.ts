// Passwords and the second factor, from the administrator's screen to the phone; operations switched off on a screen.
import { createHmac } from 'node:crypto'
import { expect, test, type APIRequestContext, type Page } from '@playwright/test'
import { accessible, call, password, scanned, seen, signIn, staffToken } from './support'
import { languages, wordsOf, type Language } from './words'

const first = 'first-words-to-change'
const own = 'a phrase of my own making'

/** A cashier of this test alone, in the tables: nobody else's sessions and locks are touched. */
async function hired(request: APIRequestContext, name: string): Promise<string> {
  const login = `e2e.${name}.${Date.now().toString(36)}`
  const made = await call<{ userCreate: { errors: { code: string }[] } }>(
    request, 'mutation C($input: UserCreateInput!) { userCreate(input: $input) { errors { code } } }',
    { input: { login, name: 'Проверка', password: first, roles: ['cashier'] } }, await staffToken(request, 'admin'),
  )
  expect(made.data?.userCreate.errors).toEqual([])
  return login
}

async function enter(page: Page, login: string, word: string, language: Language = 'ru'): Promise<void> {
  const { t } = wordsOf('admin', language)
  // A page without the application: nothing on it could go on with the session that is forgotten here.
  await page.goto('/developers')
  await page.evaluate((wanted) => {
    localStorage.clear()
    localStorage.setItem('aiscra.language', wanted)
  }, language)
  await page.goto('/admin/')
  await page.getByLabel(t('access.login')).fill(login)
  await page.getByRole('textbox', { name: t('access.password') }).fill(word)
  await page.getByRole('button', { name: t('access.signIn') }).click()
}

async function choose(page: Page, word: string, again = word, language: Language = 'ru'): Promise<void> {
  const { t } = wordsOf('admin', language)
  await page.getByRole('textbox', { name: t('access.newPassword'), exact: true }).fill(word)
  await page.getByRole('textbox', { name: t('access.againPassword') }).fill(again)
  await page.getByRole('button', { name: t('access.changePassword') }).click()
}

const menu = (page: Page, language: Language = 'ru') => page.getByRole('navigation', { name: wordsOf('admin', language).t('app.menu') })

for (const language of languages) {
  test(`a password that an administrator gave is changed before anything else, ${language}`, async ({ page, request }) => {
    const { t } = wordsOf('admin', language)
    const login = await hired(request, `due.${language}`)
    await enter(page, login, first, language)
    await expect(page.getByRole('heading', { level: 1, name: t('access.dueTitle') })).toBeVisible()
    await expect(menu(page, language)).toHaveCount(0)
    await accessible(page)
    await seen(page, `password-due-${language}`)
    // No address leads past it.
    await page.goto('/admin/accounts')
    await expect(page.getByRole('heading', { level: 1, name: t('access.dueTitle') })).toBeVisible()
    await choose(page, own, 'another phrase', language)
    await expect(page.getByText(t('access.passwordsDiffer'))).toBeVisible()
    await choose(page, `${login}-2026`, undefined, language)
    await expect(page.locator('[aria-invalid=true]')).toHaveCount(1)
    await choose(page, own, undefined, language)
    await expect(menu(page, language)).toBeVisible()
    await page.reload()
    await expect(menu(page, language)).toBeVisible()
  })
}

test('an administrator resets a forgotten password; the one-time one is seen once, and its owner goes on with a new one', async ({ browser, page, request }) => {
  const login = await hired(request, 'reset')
  await enter(page, login, first)
  await choose(page, own)
  await expect(menu(page)).toBeVisible()

  const office = await (await browser.newContext()).newPage()
  await signIn(office, 'admin')
  await office.goto('/admin/users')
  const row = office.getByRole('row').filter({ hasText: login })
  await row.getByRole('button', { name: 'Изменить' }).click()
  await office.getByRole('dialog').getByRole('button', { name: 'Сбросить пароль' }).click()
  await office.getByRole('dialog', { name: 'Сбросить пароль' }).getByRole('button', { name: 'Сбросить пароль' }).click()
  const shown = office.getByRole('dialog', { name: `Разовый пароль для ${login}` })
  const once = (await shown.getByTestId('one-time-password').textContent()) ?? ''
  expect(once).toMatch(/^[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}$/)
  await seen(office, 'one-time-password')
  await accessible(office)
  await office.keyboard.press('Escape')
  await expect(office.getByText(once)).toHaveCount(0)
  await office.goto('/admin/users')
  await expect(row.getByText(/Разовый пароль до/)).toBeVisible()

  // The session that was open is over; the old password too.
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Вход для сотрудников' })).toBeVisible()
  await enter(page, login, own)
  await expect(page.getByRole('alert')).toContainText('Неверный логин или пароль')
  await enter(page, login, once)
  await choose(page, 'one more phrase of mine')
  await expect(menu(page)).toBeVisible()
  await office.reload()
  await expect(row.getByText('Работает')).toBeVisible()
  await office.context().close()
})

test('a password is changed in the profile', async ({ page, request }) => {
  const login = await hired(request, 'change')
  await enter(page, login, first)
  await choose(page, own)
  await expect(menu(page)).toBeVisible()
  await page.goto('/admin/profile')
  await page.getByLabel('Нынешний пароль').fill('not this one')
  await choose(page, 'yet another phrase')
  await expect(page.getByText(/Нынешний пароль неверен/)).toBeVisible()
  await page.getByLabel('Нынешний пароль').fill(own)
  await choose(page, 'yet another phrase')
  await expect(page.getByText('Пароль изменён, остальные сеансы завершены')).toBeVisible()
  await expect(page.getByLabel('Нынешний пароль')).toHaveValue('')
  await enter(page, login, 'yet another phrase')
  await expect(menu(page)).toBeVisible()
})

/** RFC 6238 as a phone does it. */
function codeOf(uri: string, at: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...new URL(uri).searchParams.get('secret')!].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)))
  const mac = createHmac('sha1', key).update(counter).digest()
  const offset = mac[19]! & 15
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

for (const scheme of ['light', 'dark'] as const) {
  test(`the code on the screen is scanned, and what the phone shows opens the door, ${scheme}`, async ({ page, request }) => {
    const login = await hired(request, `factor.${scheme}`)
    await page.emulateMedia({ colorScheme: scheme })
    await enter(page, login, first)
    await choose(page, own)
    await expect(menu(page)).toBeVisible()
    await page.goto('/admin/profile')
    await page.getByRole('button', { name: 'Подключить' }).click()
    const image = page.getByRole('img', { name: /QR-код для приложения кодов/ })
    await expect(image).toBeVisible()
    await seen(page, `second-factor-${scheme}`)
    await accessible(page)
    const uri = await scanned(image)
    expect(uri).toMatch(/^otpauth:\/\/totp\//)
    const secret = ((await page.getByTestId('factor-secret').textContent()) ?? '').replaceAll(' ', '')
    expect(new URL(uri).searchParams.get('secret')).toBe(secret)
    await expect(page.getByRole('link', { name: 'Открыть в приложении на этом устройстве' })).toHaveAttribute('href', uri)

    // A code opens once, so the code of the window before this one is spent here and this one's is kept for the door.
    // The one before is still good for as long as this window lasts: it has to be young.
    const age = Date.now() % 30_000
    if (age > 10_000) await page.waitForTimeout(30_000 - age)
    await page.getByLabel('Код из приложения').fill(codeOf(uri, Date.now() - 30_000))
    await page.getByRole('button', { name: 'Включить' }).click()
    const paper = page.getByRole('alert', { name: 'Второй фактор подключён' }).getByRole('listitem')
    await expect(paper).toHaveCount(10)
    const codes = await paper.allTextContents()
    await expect(page.getByText('Осталось 10 запасных кодов')).toBeVisible()
    await seen(page, `recovery-codes-${scheme}`)

    const code = async (typed: string) => {
      await enter(page, login, own)
      await page.getByLabel('Код из приложения').fill(typed)
      await page.getByRole('button', { name: 'Войти' }).click()
    }
    await code(codeOf(uri, Date.now()))
    await expect(menu(page)).toBeVisible()
    // The phone is lost: a code on paper opens, once.
    await code(codes[0]!.toUpperCase())
    await expect(menu(page)).toBeVisible()
    await code(codes[0]!)
    await expect(page.getByText('Код неверен или уже использован')).toBeVisible()
    await code(codes[1]!)
    await expect(menu(page)).toBeVisible()
    await page.goto('/admin/profile')
    await expect(page.getByText('Осталось 8 запасных кодов')).toBeVisible()
    await page.getByRole('button', { name: 'Отключить' }).click()
    await page.getByRole('dialog').getByLabel('Код из приложения').fill(codes[2]!)
    await page.getByRole('dialog').getByRole('button', { name: 'Отключить' }).click()
    await expect(page.getByRole('button', { name: 'Подключить' })).toBeVisible()
    await enter(page, login, own)
    await expect(menu(page)).toBeVisible()
  })
}

test('an operation is switched off on the screen, said in the reader’s words, and switched on again', async ({ browser, page, request }) => {
  await signIn(page, 'admin')
  await page.goto('/admin/operations')
  const every = page.getByRole('region', { name: 'Все операции', exact: true }).last()
  const rowOf = (field: string) => every.getByRole('row').filter({ has: page.getByText(field, { exact: true }) })
  await page.getByLabel('Найти по названию или имени API').fill('viewer')
  await expect(rowOf('viewer').getByText('Выключить нельзя')).toBeVisible()
  await expect(rowOf('viewer').getByRole('button')).toHaveCount(0)
  await page.getByLabel('Найти по названию или имени API').fill('лицевые счета')
  await expect(every.getByRole('row')).toHaveCount(2)
  try {
    await rowOf('accounts').getByRole('button', { name: 'Выключить' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Выключить' }).click()
    await expect(dialog.locator('[aria-invalid=true]')).toBeVisible()
    await dialog.getByLabel('Причина').fill('Переносим реестр, вернём к 15:00')
    await dialog.getByRole('button', { name: 'Выключить' }).click()
    const told = 'Это действие временно отключено: Переносим реестр, вернём к 15:00'
    await expect(dialog.getByText(told)).toBeVisible()
    await seen(page, 'operation-check')
    await dialog.getByRole('button', { name: 'Выключить' }).click()
    await expect(page.getByText('Выключено: Лицевые счета')).toBeVisible()
    const off = page.getByRole('region', { name: 'Выключено сейчас: 1' }).last()
    await expect(off.getByRole('row').last()).toContainText('Переносим реестр, вернём к 15:00')
    await expect(off.getByRole('row').last()).toContainText('Тимур Ахметов')
    await seen(page, 'operations')
    await accessible(page)

    for (const language of languages) {
      const context = await browser.newContext({ viewport: { width: 1366, height: 860 } })
      const other = await context.newPage()
      await signIn(other, 'cashier', language)
      await other.goto('/admin/accounts')
      const words = wordsOf('admin', language).t('operations.told', { reason: 'Переносим реестр, вернём к 15:00' })
      await expect(other.getByRole('alert').first()).toContainText(words)
      await context.close()
    }
    await off.getByRole('button', { name: 'Включить' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Включить' }).click()
    await expect(page.getByText('Всё включено')).toBeVisible()
    await enter(page, 'cashier', password)
    await expect(menu(page)).toBeVisible()
    await page.goto('/admin/accounts')
    await expect(page.getByRole('table').getByRole('row').nth(1)).toBeVisible()
  } finally {
    // Whatever failed above, the tests after this one need it.
    await call(request, 'mutation S($input: OperationSwitchInput!) { operationSwitch(input: $input) { errors { code } } }', { input: { field: 'accounts', on: true } }, await staffToken(request, 'admin'))
  }
})
