// The picture of the city in front of a manager: it moves by itself, says when it cannot, and leads to the accounts behind it.
import { expect, test, type APIRequestContext, type Page } from '@playwright/test'
import { accessible, call, signIn, staffToken, tiyn } from './support'

interface Payer { id: string; sector: string; period: string }

/** An account whose month is open, so that a payment of today counts in that month. */
async function payer(request: APIRequestContext): Promise<Payer> {
  const token = await staffToken(request, 'manager')
  const { data } = await call<{
    periods: { nodes: { period: string; sector: string; status: string }[] }
    accounts: { nodes: { id: string; sector: string }[] }
  }>(
    request,
    `{ periods(first: 100) { nodes { period sector status } } accounts(debtorsOnly: true, first: 50) { nodes { id sector } } }`,
    {}, token,
  )
  const open = data!.periods.nodes.filter((one) => one.status === 'OPEN').toSorted((a, b) => a.period.localeCompare(b.period))
  for (const account of data!.accounts.nodes) {
    const month = open.find((one) => one.sector === account.sector)
    if (month) return { ...account, period: month.period }
  }
  throw new Error('no debtor with an open month')
}

/** By card at the desk whose shift the demo keeps open: a card is not rounded. */
async function pay(request: APIRequestContext, account: string, amount: string): Promise<void> {
  const token = await staffToken(request, 'cashier.alatau')
  const { data: found } = await call<{ cashDesks: { nodes: { id: string; openShift: { mine: boolean } | null }[] } }>(
    request, 'query D { cashDesks(first: 100) { nodes { id openShift { mine } } } }', {}, token,
  )
  const desk = found!.cashDesks.nodes.find((one) => one.openShift?.mine)!
  const { data } = await call<{ cashPay: { operation: { id: string } | null; errors: { code: string }[] } }>(
    request,
    'mutation Pay($input: CashPayInput!) { cashPay(input: $input) { operation { id } errors { code } } }',
    { input: { deskId: desk.id, lines: [{ accountId: account, amount }], card: amount, idempotencyKey: crypto.randomUUID() } },
    token,
  )
  expect(data?.cashPay.errors).toEqual([])
}

const figure = async (page: Page, name: string): Promise<number> => tiyn((await page.getByTestId(name).textContent()) ?? '')
const mark = (page: Page) => page.getByRole('status').filter({ hasText: /В прямом эфире|На паузе|Подключение/ })

test('a payment at the cash desk moves the picture of the manager without a reload', async ({ page, request }) => {
  const broken: string[] = []
  page.on('pageerror', (error) => broken.push(error.message))
  const { id, period } = await payer(request)
  await signIn(page, 'manager')
  await expect(page.getByRole('region', { name: /^Картина города/ }).getByTestId('city-paid')).toBeVisible()
  await page.getByRole('link', { name: 'Открыть полностью' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Картина города' })).toBeVisible()
  await page.getByLabel('Месяц', { exact: true }).selectOption(period)
  await expect(mark(page)).toHaveText('В прямом эфире')
  await expect(page.getByRole('figure', { name: 'Долг по районам' }).locator('svg')).toBeVisible()
  await accessible(page)
  const [paid, owed] = [await figure(page, 'city-paid'), await figure(page, 'city-owed')]
  // The page itself writes down when the figure moved: looking from outside takes its own time.
  await page.evaluate(() => {
    const value = document.querySelector('[data-testid=city-paid]')!
    new MutationObserver((_, observer) => {
      Object.assign(globalThis, { movedAt: Date.now() })
      observer.disconnect()
    }).observe(value, { subtree: true, characterData: true, childList: true })
  })
  await pay(request, id, '321.45')
  const answered = Date.now()
  // By how much is said in a sign and in words, not by a colour alone.
  await expect(page.getByText(/▲\s\+321,45/)).toBeVisible()
  expect(await figure(page, 'city-paid')).toBe(paid + 32_145)
  expect(await figure(page, 'city-owed')).toBeLessThan(owed)
  // Written down by the same page: it was never reloaded.
  const took = (await page.evaluate(() => (globalThis as unknown as { movedAt: number }).movedAt)) - answered
  test.info().annotations.push({ type: 'from the answer to the cashier to the screen, ms', description: String(took) })
  expect(took).toBeLessThan(2_000)
  await accessible(page)
  await expect(page.getByText(/▲/)).toHaveCount(0)
  expect(broken).toEqual([])
})

test('a dropped socket is a pause: the last picture stays, and what happened meanwhile comes with the next one', async ({ page, request }) => {
  const { id, period } = await payer(request)
  let away = false
  const open = new Set<() => void>()
  await page.routeWebSocket('**/graphql/ws', (socket) => {
    if (away) return void socket.close({ code: 1013, reason: 'away' })
    socket.connectToServer()
    open.add(() => void socket.close({ code: 1013, reason: 'away' }))
  })
  await signIn(page, 'manager')
  await page.goto(`/admin/picture?period=${period}`)
  await expect(mark(page)).toHaveText('В прямом эфире')
  const paid = await figure(page, 'city-paid')
  away = true
  for (const close of open) close()
  await expect(mark(page)).toHaveText('На паузе')
  expect(await figure(page, 'city-paid')).toBe(paid)
  await accessible(page)
  await pay(request, id, '10.00')
  away = false
  await expect(mark(page)).toHaveText('В прямом эфире')
  await expect.poll(() => figure(page, 'city-paid')).toBe(paid + 1_000)
})

test('each chart is a table as well; a district leads to its debtors; the wall takes the whole screen', async ({ page }) => {
  await signIn(page, 'manager')
  await page.goto('/admin/picture?sector=PRIVATE')
  const districts = page.getByRole('figure', { name: 'Долг по районам' })
  await districts.getByRole('button', { name: 'Показать таблицей' }).click()
  const table = districts.getByRole('table')
  const total = (await table.getByRole('cell').allTextContents()).reduce((sum, cell) => sum + tiyn(cell), 0)
  expect(total).toBe(await figure(page, 'city-owed'))
  expect(total).toBeGreaterThan(0)

  await page.getByRole('button', { name: 'На весь экран' }).click()
  await expect(page.getByRole('button', { name: 'Выйти из полного экрана' })).toBeVisible()
  const behind = () => page.getByRole('navigation', { name: 'Разделы' }).evaluate((menu) => menu.closest('[inert]') !== null)
  expect(await behind()).toBe(true)
  await accessible(page)
  await page.getByRole('button', { name: 'Выйти из полного экрана' }).click()
  await expect.poll(behind).toBe(false)

  await districts.getByRole('button', { name: 'Показать таблицей' }).click()
  const first = table.getByRole('link').first()
  const name = (await first.textContent()) ?? ''
  await first.click()
  await expect(page).toHaveURL(/\/accounts\?.*debtors=true/)
  await expect(page.getByLabel('Сектор')).toHaveValue('PRIVATE')
  await expect(page.getByLabel('Район').locator('option:checked')).toHaveText(name)
  await expect(page.getByLabel('Только должники')).toBeChecked()
  await expect(page.getByRole('table').getByRole('link').first()).toBeVisible()
})

test('whoever has no right to the city has no picture of it', async ({ page }) => {
  await signIn(page, 'cashier')
  await expect(page.getByRole('heading', { level: 1, name: 'Касса' })).toBeVisible()
  await page.goto('/admin/picture')
  await expect(page.getByText('У вас нет права на этот раздел')).toBeVisible()
  await expect(page.getByTestId('city-paid')).toHaveCount(0)
})
