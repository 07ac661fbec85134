// A billing clerk's month end, once in each language: each closes the March of another sector. The files come in, the city is
// reckoned ahead, charged and issued in front of a manager's picture that moves, a bill is explained and paid, the month is
// closed, and nobody changes it afterwards.
import { readFileSync } from 'node:fs'
import { expect, test, type APIRequestContext, type Page } from '@playwright/test'
import { accessible, agrees, call, citesDocument, resident, sample, sampleRows, seen, signIn, staffToken, tiyn, watched } from '../support'
import { languages, wordsOf, type Language } from '../words'

test.describe.configure({ mode: 'serial' })

const period = '2026-03'
const sectors = { kk: 'MULTI', ru: 'PRIVATE', en: 'LEGAL' } as const
const registers = ['premises', 'accounts', 'residents', 'contracts', 'meters'] as const

/** The account of the sample that a language follows: of its sector, with a cold meter. */
const followed = (language: Language): string => {
  const own = new Set(sampleRows('accounts.csv').filter((row) => row.sector === sectors[language].toLowerCase()).map((row) => row.number))
  return sampleRows('meters.csv').find((row) => row.hot === '0' && own.has(row.account))!.account!
}

/** The sample's readings of a sector, as a file of its own. */
function readingsOf(language: Language): { name: string; mimeType: string; buffer: Buffer } {
  const own = new Set(sampleRows('accounts.csv').filter((row) => row.sector === sectors[language].toLowerCase()).map((row) => row.number))
  const [head, ...lines] = readFileSync(sample('readings.csv'), 'utf8').split(/\r?\n/)
  const rows = lines.filter((line) => own.has(line.split(';')[0]))
  return { name: `readings-${language}.csv`, mimeType: 'text/csv', buffer: Buffer.from([head, ...rows].join('\n')) }
}

type Upload = string | ReturnType<typeof readingsOf>
async function upload(page: Page, language: Language, kind: (typeof registers)[number] | 'readings', file: Upload = sample(`${kind}.csv`)): Promise<void> {
  const { t } = wordsOf('admin', language)
  await page.getByRole('navigation', { name: t('app.menu') }).getByRole('link', { name: t('nav.imports') }).click()
  await page.getByLabel(t('imports.kind')).selectOption(kind.toUpperCase())
  await page.locator('input[type=file]').setInputFiles(file)
  await page.getByRole('button', { name: t('imports.check') }).click()
  await expect(page.getByRole('heading', { level: 1, name: typeof file === 'string' ? file.split('/').at(-1)! : file.name })).toBeVisible()
  await expect(page.getByText(t('enum.ImportState.CHECKED'))).toBeVisible()
}
async function commit(page: Page, language: Language): Promise<void> {
  const { t, like } = wordsOf('admin', language)
  await page.getByRole('button', { name: like('imports.commit') }).click()
  await expect(page.getByRole('button', { name: t('imports.undo') })).toBeVisible()
}

interface Shift { id: string; cashier: string; turnover: { expected: string } }

/** The desk where bills of the story are paid counts its drawer and has its Z; `after` happens, and it opens anew. */
async function withShiftClosed(request: APIRequestContext, after: () => Promise<void>): Promise<void> {
  const [cashier, witness] = [await staffToken(request, 'cashier.alatau'), await staffToken(request, 'chief.cashier')]
  const desks = await call<{
    cashDesks: { nodes: { id: string; openShift: Shift | null }[] }
    denominations: { id: string; value: string; to: string | null }[]
  }>(request, '{ cashDesks { nodes { id openShift { id cashier turnover { expected } } } } denominations { id value to } }', {}, witness)
  const desk = desks.data!.cashDesks.nodes.find((one) => one.openShift?.cashier === 'cashier.alatau')!
  let left = Math.round(Number(desk.openShift!.turnover.expected) * 100)
  const rows: { denominationId: string; pieces: number }[] = []
  const money = desks.data!.denominations.filter((one) => !one.to).map((one) => ({ id: one.id, tiyn: Math.round(Number(one.value) * 100) }))
  for (const one of money.toSorted((a, b) => b.tiyn - a.tiyn)) {
    const pieces = Math.floor(left / one.tiyn)
    if (pieces > 0) rows.push({ denominationId: one.id, pieces })
    left -= pieces * one.tiyn
  }
  const shiftId = desk.openShift!.id
  const counted = await call<{ cashCount: { count: { id: string } } }>(
    request, 'mutation C($input: CashCountInput!) { cashCount(input: $input) { count { id } errors { code } } }', { input: { shiftId, kind: 'CLOSING', rows } }, cashier,
  )
  const countId = counted.data!.cashCount.count.id
  await call(request, 'mutation S($input: CashCountSignInput!) { cashCountSign(input: $input) { errors { code } } }', { input: { id: countId } }, witness)
  const closed = await call<{ shiftClose: { errors: { code: string }[] } }>(
    request, 'mutation Z($input: ShiftCloseInput!) { shiftClose(input: $input) { errors { code } } }', { input: { id: shiftId, countId } }, cashier,
  )
  expect(closed.data?.shiftClose.errors).toEqual([])
  await after()
  const opened = await call<{ shiftOpen: { errors: { code: string }[] } }>(
    request, 'mutation O($input: ShiftOpenInput!) { shiftOpen(input: $input) { errors { code } } }', { input: { deskId: desk.id } }, cashier,
  )
  expect(opened.data?.shiftOpen.errors).toEqual([])
}

test('the registers of the sample files come in', async ({ page }) => {
  await signIn(page, 'chief')
  for (const kind of registers) {
    await upload(page, 'ru', kind)
    await commit(page, 'ru')
  }
})

test('wrong rows never block right ones, and a file can be undone by two people', async ({ page, browser, request }) => {
  const { t } = wordsOf('admin', 'ru')
  await signIn(page, 'chief')
  await upload(page, 'ru', 'readings', sample('readings_with_errors.csv'))
  await commit(page, 'ru')
  await page.getByRole('button', { name: t('imports.undo') }).click()
  await expect(page.getByRole('dialog')).toContainText(t('signatures.needed'))
  await citesDocument(page, request)
  await page.getByRole('dialog').getByRole('button', { name: t('imports.undo') }).click()
  await expect(page.getByRole('button', { name: t('signatures.withdraw') })).toBeVisible()
  await agrees(browser, 'accountant', new URL(page.url()).pathname)
  await page.reload()
  await expect(page.getByText(t('enum.ImportState.UNDONE'), { exact: true }).first()).toBeVisible()
})

for (const language of languages) {
  const { t, format } = wordsOf('admin', language)
  const sector = sectors[language]
  const number = followed(language)
  // The words change, the structure does not: axe looks once.
  const first = language === languages[0]
  const cockpit = `/admin/periods?period=${period}&sector=${sector}`

  test.describe(`month end in ${language}`, () => {
    test('the readings come in; doubtful ones are named and decided', async ({ page, browser }) => {
      await signIn(page, 'chief', language)
      const file = readingsOf(language)
      await upload(page, language, 'readings', file)
      await seen(page, `month-1-import-${language}`)
      if (first) await accessible(page)
      await commit(page, language)

      await page.goto(cockpit)
      const condition = page.locator('[data-condition=READINGS_DECIDED]')
      await expect(condition).toBeVisible()
      if ((await condition.getAttribute('data-met')) === 'false') {
        await condition.getByRole('button', { name: t('ledger.showRows') }).click()
        const links = condition.getByRole('table').getByRole('link')
        await expect(links.first()).toBeVisible()
        await seen(page, `month-2-doubtful-${language}`)
        const other = await (await browser.newContext()).newPage()
        await signIn(other, `operator.${sector.toLowerCase()}`, language)
        for (const doubtful of await links.allTextContents()) {
          await other.goto(`/admin/accounts/${doubtful}?tab=readings`)
          await other.getByRole('button', { name: t('readings.accept') }).first().click()
          await expect(other.getByText(t('enum.Verdict.DOUBTFUL'), { exact: true })).toHaveCount(0)
        }
        await other.context().close()
        await page.reload()
      }
      await expect(condition).toHaveAttribute('data-met', 'true')
    })

    test('reckoned ahead, charged with live progress, issued, in front of a picture that moves', async ({ page, browser, request }) => {
      await signIn(page, 'chief', language)
      await page.goto(cockpit)
      const ahead = page.getByRole('region', { name: t('preview.title') })
      await ahead.getByRole('button', { name: t('preview.start') }).click()
      await expect(ahead.getByText(t('enum.RunPreviewStatus.DONE'), { exact: true })).toBeVisible({ timeout: 60_000 })
      await expect(ahead.getByRole('group', { name: t('preview.exceptions') })).toBeVisible()
      await expect(ahead.getByRole('group', { name: t('preview.changes') }).getByRole('link').first()).toBeVisible()
      const figure = async (region: typeof ahead, label: string) => {
        const shown = (await region.getByText(label, { exact: true }).first().locator('xpath=..').textContent()) ?? ''
        return tiyn(shown.replace(label, '').split('₸')[0]!)
      }
      const expected = await figure(ahead, t('billing.gross'))
      expect(expected).toBeGreaterThan(0)
      await seen(page, `month-3-preview-${language}`)
      if (first) await accessible(page)

      const picture = await (await browser.newContext()).newPage()
      await signIn(picture, 'manager', language)
      await picture.goto(`/admin/picture?period=${period}&sector=${sector}`)
      const charged = picture.getByTestId('city-charged')
      await expect(picture.getByText(t('stats.state.live'), { exact: true })).toBeVisible()
      const before = tiyn((await charged.textContent()) ?? '')

      const run = page.getByRole('region', { name: t('billing.run'), exact: true })
      await run.getByRole('button', { name: t('billing.start'), exact: true }).click()
      await expect(run.getByText(t('enum.RunState.POSTED'))).toBeVisible({ timeout: 60_000 })
      // What was reckoned ahead is what was charged, to the tiyn.
      expect(await figure(run, t('billing.gross'))).toBe(expected)
      await expect(page.getByText(`${t('ledger.difference')}: ${format.amount('0')}`)).toBeVisible()
      await expect(page.getByText(`${t('ledger.subLedger')}: ${format.amount('0')}`)).toBeVisible()
      await seen(page, `month-4-charged-${language}`)
      if (first) await accessible(page)
      // However quick the run was, its subscription answers the browser with the state as it is.
      const token = await staffToken(request, 'chief')
      const id = (await call<{ period: { run: { id: string } } }>(
        request, 'query R($period: Period!, $sector: Sector!) { period(period: $period, sector: $sector) { run { id } } }', { period, sector }, token,
      )).data!.period.run.id
      expect(await watched(page, token, 'subscription W($id: ID!) { runProgress(id: $id) { state accountsDone accounts } }', { id })).toMatch(/"state":"POSTED"/)

      await run.getByRole('button', { name: t('billing.issue') }).click()
      const dialog = page.getByRole('dialog')
      await expect(dialog.getByText(format.money((expected / 100).toFixed(2))).first()).toBeVisible()
      await seen(page, `month-5-issue-${language}`, false)
      await dialog.getByRole('button', { name: t('billing.issue') }).click()
      await expect(run.getByText(t('enum.RunState.ISSUED'))).toBeVisible()

      // The manager has not touched anything.
      await expect.poll(async () => tiyn((await charged.textContent()) ?? '')).toBe(before + expected)
      await seen(picture, `month-6-picture-${language}`)
      await picture.context().close()
    })

    test('a bill is explained to the last tiyn, and paid', async ({ page, browser }) => {
      await signIn(page, 'cashier.alatau', language)
      const search = page.getByRole('searchbox', { name: t('app.search') })
      await search.fill(number)
      await search.press('Enter')
      await expect(page.getByRole('heading', { level: 1, name: t('subscribers.account', { number }) })).toBeVisible()
      await seen(page, `month-7-account-${language}`)
      await page.getByRole('tab', { name: t('billing.bills') }).click()
      await page.getByRole('link', { name: format.period(period) }).click()
      await expect(page.getByText(t('billing.equal')).first()).toBeVisible()
      await expect(page.getByText(t('billing.unequal'))).toHaveCount(0)
      // Every line opens into its tree, and the lines add up to what was charged.
      let sum = 0
      for (const line of await page.getByRole('region').filter({ has: page.getByRole('heading', { level: 3 }) }).all()) {
        const explain = line.getByRole('button', { name: t('billing.explain') })
        if (await explain.count()) await explain.click()
        await expect(line.getByTestId('explain')).toBeVisible()
        const gross = tiyn((await line.getByTestId('gross').textContent()) ?? '')
        expect(tiyn((await line.getByTestId('explain').locator('.explain-value').first().textContent()) ?? '')).toBe(gross)
        sum += gross
      }
      expect(sum).toBe(tiyn((await page.getByRole('row', { name: new RegExp(t('billing.charged')) }).getByRole('cell').textContent()) ?? ''))
      expect(sum).toBeGreaterThan(0)
      await seen(page, `month-8-bill-${language}`)
      if (first) await accessible(page)

      const picture = await (await browser.newContext()).newPage()
      await signIn(picture, 'manager', language)
      await picture.goto(`/admin/picture?period=${period}&sector=${sector}`)
      await expect(picture.getByText(t('stats.state.live'), { exact: true })).toBeVisible()
      const paid = tiyn((await picture.getByTestId('city-paid').textContent()) ?? '')

      await page.getByRole('link', { name: t('subscribers.account', { number }) }).click()
      await page.getByRole('tab', { name: t('payments.title') }).click()
      const owed = tiyn((await page.getByTestId('balance').textContent()) ?? '')
      expect(owed).toBeGreaterThan(0)
      // At the desk, by card: a card is not rounded, so nothing is left of it.
      await page.getByRole('link', { name: t('payments.atDesk') }).click()
      await expect(page.getByLabel(t('cash.amountFor', { number }))).toBeFocused()
      await expect(page.getByTestId('cash-total')).toHaveText(format.money((owed / 100).toFixed(2)))
      await page.keyboard.press('F4')
      await page.keyboard.press('F9')
      await expect(page.getByTestId('cash-done').getByText(t('cash.taken', { sum: format.money((owed / 100).toFixed(2)) }))).toBeVisible()
      await search.fill(number)
      await search.press('Enter')
      await expect.poll(async () => tiyn((await page.getByTestId('balance').textContent()) ?? '')).toBe(0)
      await seen(page, `month-9-paid-${language}`)
      await expect.poll(async () => tiyn((await picture.getByTestId('city-paid').textContent()) ?? '')).toBe(paid + owed)
      await picture.context().close()
    })

    test('the subscriber reads the new bill in plain words', async ({ browser }) => {
      const { t: own, like: alike, format: shown } = wordsOf('portal', language)
      const phone = await browser.newContext({ viewport: { width: 390, height: 844 } })
      const page = await phone.newPage()
      await resident(page, number, language)
      await page.getByRole('link', { name: own('billing.billFor', { period: shown.period(period) }) }).click()
      await expect(page.getByText(alike('plain.Basis.METERED')).first()).toBeVisible()
      await page.getByRole('button', { name: own('billing.details') }).first().click()
      await expect(page.getByTestId('explain').first()).toBeVisible()
      await seen(page, `month-a-portal-${language}`)
      await phone.close()
    })

    test('the month is closed and cannot be changed', async ({ page, request }) => {
      await signIn(page, 'chief', language)
      await page.goto(cockpit)
      // The desk that took the money has no Z yet: the condition names its shift.
      const reconciled = page.locator('[data-condition=PAYMENTS_RECONCILED]')
      await expect(reconciled).toHaveAttribute('data-met', 'false')
      await reconciled.getByRole('button', { name: t('ledger.showRows') }).click()
      await expect(reconciled.getByRole('table').getByText(t('ledger.noZ'))).toBeVisible()
      await withShiftClosed(request, async () => {
        await page.reload()
        await expect(page.getByText(t('ledger.allMet'))).toBeVisible()
        await page.getByRole('button', { name: t('ledger.close'), exact: true }).click()
        await seen(page, `month-b-closing-${language}`, false)
        await page.getByRole('dialog').getByRole('button', { name: t('ledger.close'), exact: true }).click()
        await expect(page.getByText(t('ledger.closedText'))).toBeVisible()
      })
      await expect(page.getByRole('button', { name: t('billing.start'), exact: true })).toHaveCount(0)
      await expect(page.getByRole('button', { name: t('billing.reverse') })).toHaveCount(0)
      await seen(page, `month-c-closed-${language}`)

      // The readings it was charged from stay, though their file once could be undone: the refusal is in words.
      await page.getByRole('navigation', { name: t('app.menu') }).getByRole('link', { name: t('nav.imports') }).click()
      await page.getByRole('link', { name: readingsOf(language).name, exact: true }).first().click()
      await page.getByRole('button', { name: t('imports.undo') }).click()
      await citesDocument(page, request, language)
      await page.getByRole('dialog').getByRole('button', { name: t('imports.undo') }).click()
      await expect(page.getByRole('alert')).toHaveText(/\p{L}{4,}/u)
      await expect(page.getByText(t('enum.ImportState.COMMITTED'), { exact: true }).first()).toBeVisible()
      await expect(page.getByText(t('enum.ImportState.UNDONE'), { exact: true })).toHaveCount(0)
      await seen(page, `month-d-refused-${language}`)

      // Whoever asks the API itself changes nothing of March either: the run stands, and a payment taken back falls into April.
      const token = await staffToken(request, 'chief')
      const march = async () =>
        (await call<{ period: { status: string; charged: string; paid: string; run: { id: string } } }>(
          request, 'query P($period: Period!, $sector: Sector!) { period(period: $period, sector: $sector) { status charged paid run { id } } }', { period, sector }, token,
        )).data!.period
      const before = await march()
      expect(before.status).toBe('CLOSED')
      const run = await call<{ runReverse: { run: null; errors: { code: string }[] } }>(
        request,
        'mutation R($input: RunReverseInput!) { runReverse(input: $input) { run { id } errors { code } } }',
        { input: { id: before.run.id, idempotencyKey: crypto.randomUUID() } },
        token,
      )
      expect(run.data?.runReverse.run).toBeNull()
      expect(run.data?.runReverse.errors).toHaveLength(1)
      const found = await call<{ account: { id: string; payments: { nodes: { id: string }[] } } }>(
        request, 'query P($number: String!) { account(number: $number) { id payments(first: 1) { nodes { id } } } }', { number }, token,
      )
      const { id, payments } = found.data!.account
      const office = await call<{ paymentReverse: { payment: { id: string } | null; errors: { code: string }[] } }>(
        request,
        'mutation R($input: PaymentReverseInput!) { paymentReverse(input: $input) { payment { id } errors { code } } }',
        { input: { id: payments.nodes[0]!.id, reason: 'the story is over', idempotencyKey: crypto.randomUUID() } },
        token,
      )
      expect(office.data?.paymentReverse.errors.map((one) => one.code)).toEqual(['PAYMENT_OF_DESK'])
      const cashier = await staffToken(request, 'cashier.alatau')
      const sales = await call<{ cashSales: { nodes: { id: string; desk: { id: string }; lines: { n: number; card: string }[] }[] } }>(
        request, 'query S($id: ID!) { cashSales(accountId: $id, first: 1) { nodes { id desk { id } lines { n card } } } }', { id }, cashier,
      )
      const sale = sales.data!.cashSales.nodes[0]!
      const back = await call<{ cashRefund: { operation: { id: string } | null } }>(
        request,
        'mutation V($input: CashRefundInput!) { cashRefund(input: $input) { operation { id } errors { code } } }',
        {
          input: {
            deskId: sale.desk.id, saleId: sale.id, lines: sale.lines.map(({ n, card }) => ({ n, card })), basis: 'the story is over', person: 'the payer',
            idempotencyKey: crypto.randomUUID(),
          },
        },
        cashier,
      )
      expect(back.data?.cashRefund.operation).not.toBeNull()
      expect(await march()).toEqual(before)
    })
  })
}
