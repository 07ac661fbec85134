// A resident's evening, on a phone: what do I owe and why, the bill in words, a reading sent, taken back, and the year.
import { expect, test, type APIRequestContext } from '@playwright/test'
import { accessible, call, resident, seen, staffToken, tiyn } from '../support'
import { languages, wordsOf } from '../words'

/** Flats that owe something and have a meter that may still be read this month. */
async function debtors(request: APIRequestContext): Promise<{ number: string; last: number }[]> {
  const { data } = await call<{
    accounts: { nodes: { number: string; points: { hot: boolean; meter: { verifiedUntil: string | null } | null; lastReading: { verdict: string; value: string } | null }[]; bills: { nodes: { id: string }[] }; readings: { nodes: { takenOn: string; verdict: string }[] } }[] }
  }>(
    request,
    `{ accounts(sector: MULTI, debtorsOnly: true, first: 100) { nodes {
      number bills(first: 6) { nodes { id } } readings(first: 2) { nodes { takenOn verdict } }
      points { hot meter { verifiedUntil } lastReading { verdict value } }
    } } }`,
    {}, await staffToken(request, 'chief'),
  )
  const found = (data?.accounts.nodes ?? []).filter(({ points, bills, readings }) => bills.nodes.length > 5 && readings.nodes.every((one) => one.takenOn < '2026-03-26' && one.verdict === 'ACCEPTED') && points.some((point) =>
    !point.hot && point.meter && (point.meter.verifiedUntil ?? '9') > '2026-06' && point.lastReading?.verdict === 'ACCEPTED'))
  // From the end of the list: its beginning belongs to other stories.
  return found.map(({ number, points }) => ({ number, last: Number(points.find((point) => !point.hot && point.meter)!.lastReading!.value) })).toReversed()
}

for (const [index, language] of languages.entries()) {
  const { t, like, format } = wordsOf('portal', language)

  test(`a resident's evening in ${language}`, async ({ browser, request }) => {
    const { number, last } = (await debtors(request))[index]!
    const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'ru-RU', isMobile: true, hasTouch: true })
    const page = await phone.newPage()
    const broken: string[] = []
    page.on('console', (message) => message.type() === 'error' && broken.push(message.text()))
    const menu = page.getByRole('navigation', { name: t('app.menu') })

    await test.step('a code instead of a password', async () => {
      await resident(page, number, language)
    })

    let owed = 0
    await test.step('what I owe, by when, and why', async () => {
      await expect(page.getByRole('heading', { level: 1, name: t('home.owed') })).toBeVisible()
      owed = tiyn((await page.getByTestId('balance').textContent()) ?? '')
      expect(owed).toBeGreaterThan(0)
      const why = page.getByRole('region', { name: t('home.why') })
      const parts = (await why.locator('.tab').allTextContents()).reduce((sum, part) => sum + tiyn(part), 0)
      expect(parts).toBe(owed)
      await seen(page, `evening-1-home-${language}`)
      await accessible(page)
    })

    await test.step('the bill in plain words, down to its tree', async () => {
      await page.getByRole('link', { name: like('billing.billFor') }).click()
      const period = format.period('2026-02')
      await expect(page.getByRole('heading', { level: 1, name: t('billing.billFor', { period }) })).toBeVisible()
      await expect(page.getByText(like('words.charged', { period }))).toBeVisible()
      await expect(page.getByText(like('billing.equal'))).toBeVisible()
      await page.getByRole('button', { name: t('billing.details') }).first().click()
      await expect(page.getByTestId('explain').first()).toBeVisible()
      await seen(page, `evening-2-bill-${language}`)
      await accessible(page)
    })

    await test.step('a reading is answered at once, and taken back', async () => {
      await menu.getByRole('link', { name: t('nav.readings') }).click()
      const meter = page.getByRole('region', { name: new RegExp(`^${t('readings.cold')}`) }).first()
      await expect(meter.getByText(format.volume(last.toFixed(3)))).toBeVisible()
      await meter.getByLabel(t('readings.newValue')).fill((last + 4).toFixed(3).replace('.', ','))
      await meter.getByRole('button', { name: t('readings.send') }).click()
      const answer = meter.getByRole('status')
      await expect(answer.getByText(t('enum.Verdict.ACCEPTED'))).toBeVisible()
      await expect(answer.getByText(t('readings.used', { volume: format.volume('4') }))).toBeVisible()
      await expect(answer.getByText(like('readings.costs'))).toBeVisible()
      await expect(answer.getByText(like('readings.counts'))).toBeVisible()
      await seen(page, `evening-3-reading-${language}`)
      await accessible(page)

      await page.getByRole('button', { name: t('readings.withdraw') }).first().click()
      const dialog = page.getByRole('dialog', { name: t('readings.withdrawTitle') })
      await expect(dialog.getByText(like('readings.withdrawText'))).toBeVisible()
      await seen(page, `evening-4-withdraw-${language}`, false)
      await dialog.getByRole('button', { name: t('readings.withdraw') }).click()
      await expect(page.getByText(t('readings.withdrawn'))).toBeVisible()
      await expect(page.getByText(t('enum.Verdict.WITHDRAWN'), { exact: true }).first()).toBeVisible()
      await expect(page.locator('li').filter({ hasText: t('enum.Verdict.WITHDRAWN') }).first().getByRole('button')).toHaveCount(0)
      await expect(meter.getByText(t('enum.Verdict.ACCEPTED'))).toHaveCount(0)
      await seen(page, `evening-5-withdrawn-${language}`, false)
    })

    await test.step('my year, as a picture and as a table', async () => {
      await menu.getByRole('link', { name: t('nav.bills') }).click()
      const year = page.getByRole('region', { name: t('billing.year') })
      await expect(year.locator('svg').first()).toBeVisible()
      await year.getByRole('button', { name: t('ui.chart.table') }).click()
      const rows = year.getByRole('row')
      await expect(rows.last().getByRole('rowheader')).toHaveText(format.period('2026-02'))
      await seen(page, `evening-6-year-${language}`)
      await accessible(page)
      await menu.getByRole('link', { name: t('nav.payments') }).click()
      await expect(page.getByRole('heading', { level: 1, name: t('nav.payments') })).toBeVisible()
      await seen(page, `evening-7-payments-${language}`)
    })
    expect(broken).toEqual([])
    await phone.close()
  })
}
