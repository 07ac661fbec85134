// An operator's morning: who is calling, what do they owe, take their reading, and what became of yesterday's file.
import { expect, test, type APIRequestContext, type Page } from '@playwright/test'
import { accessible, call, seen, signIn, staffToken } from '../support'
import { languages, wordsOf } from '../words'

interface Caller { number: string; name: string; phone: string; serial: string; last: number; residents: number }

const login = 'operator.multi'

/** Flats with a working cold meter and a reading known: one caller for each language and more for the file. */
async function callers(request: APIRequestContext): Promise<Caller[]> {
  const token = await staffToken(request, login)
  const { data } = await call<{
    accounts: {
      nodes: {
        number: string
        holder: { name: string; phone: string | null } | null
        residents: { residents: number } | null
        points: { hot: boolean; meter: { serial: string; verifiedUntil: string | null } | null; lastReading: { value: string; takenOn: string; verdict: string } | null }[]
        bills: { nodes: { id: string }[] }
      }[]
    }
  }>(
    request,
    `{ accounts(sector: MULTI, status: ACTIVE, first: 100) { nodes {
      number holder { name phone } residents { residents } bills(first: 1) { nodes { id } }
      points { hot meter { serial verifiedUntil } lastReading { value takenOn verdict } }
    } } }`,
    {}, token,
  )
  const found = (data?.accounts.nodes ?? []).flatMap(({ number, holder, residents, points, bills }) => {
    const point = points.length === 1 ? points[0]! : points.find((one) => !one.hot)
    const fit = holder?.phone && residents && bills.nodes.length > 0 && point && !point.hot && point.meter && (point.meter.verifiedUntil ?? '9') > '2026-06'
      && point.lastReading?.verdict === 'ACCEPTED' && point.lastReading.takenOn < '2026-03-25'
    return fit ? [{ number, name: holder.name, phone: holder.phone!, serial: point.meter!.serial, last: Number(point.lastReading!.value), residents: residents.residents }] : []
  })
  // Names with letters that only Kazakh has come first: they are what a Russian keyboard misspells.
  return found.toSorted((a, b) => Number(/[әғқңөұүһі]/i.test(b.name)) - Number(/[әғқңөұүһі]/i.test(a.name)))
}

const russian: Record<string, string> = { ә: 'а', ғ: 'г', қ: 'к', ң: 'н', ө: 'о', ұ: 'у', ү: 'у', һ: 'х', і: 'и' }
/** As heard over the telephone and typed on a Russian keyboard: the surname, one letter of it lost. */
function misspelt(name: string): string {
  const [surname = ''] = name.toLowerCase().replace(/[әғқңөұүһі]/g, (letter) => russian[letter]!).split(' ')
  return `${surname.slice(0, 4)}${surname.slice(5)}`
}

async function find(page: Page, words: string, number: string): Promise<void> {
  const field = page.getByRole('dialog').getByRole('combobox')
  await field.fill('')
  await expect(page.getByRole('option').filter({ hasText: number })).toHaveCount(0)
  await field.fill(words)
  await expect(page.getByRole('option').filter({ hasText: number }), words).toBeVisible()
}

for (const [index, language] of languages.entries()) {
  const { t, like, format } = wordsOf('admin', language)

  test(`an operator's morning in ${language}`, async ({ page, request }) => {
    const all = await callers(request)
    const one = all[index]!
    await signIn(page, login, language)

    await test.step('somebody calls: found by a misspelt name, by the phone, by the meter', async () => {
      await page.keyboard.press('Control+k')
      await find(page, misspelt(one.name), one.number)
      await seen(page, `morning-1-find-${language}`, false)
      await find(page, one.phone, one.number)
      await find(page, one.serial, one.number)
      await page.getByRole('option').filter({ hasText: one.number }).click()
      await expect(page.getByRole('heading', { level: 1, name: t('subscribers.account', { number: one.number }) })).toBeVisible()
    })

    await test.step('the card answers before the caller has finished asking', async () => {
      await expect(page.getByTestId('balance')).toBeVisible()
      await expect(page.getByText(one.name).first()).toBeVisible()
      const signals = page.getByRole('list', { name: t('subscribers.signals') })
      const [sent, awaited] = [t('subscribers.readingIn', { which: t('subscribers.coldWater') }), t('subscribers.noReadingYet', { which: t('subscribers.coldWater') })]
      await expect(signals.getByText(sent).or(signals.getByText(awaited))).toBeVisible()
      await page.getByRole('button', { name: t('subscribers.reveal') }).click()
      await expect(page.getByText(one.phone)).toBeVisible()
      await seen(page, `morning-2-card-${language}`)
      await accessible(page)
    })

    await test.step('a reading misheard is doubtful and rejected; the right one is accepted and priced at once', async () => {
      await page.getByRole('tab', { name: t('readings.title') }).click()
      const form = page.getByRole('region', { name: t('readings.enter') })
      await form.getByLabel(t('subscribers.meter')).selectOption({ label: `${one.serial} · ${t('subscribers.cold')}` })
      const send = async (value: number) => {
        await form.getByLabel(t('readings.newValue')).fill(value.toFixed(3).replace('.', ','))
        await form.getByRole('button', { name: t('readings.record') }).click()
      }
      await send(one.last + 700)
      await expect(form.getByRole('status').getByText(t('enum.Verdict.DOUBTFUL'))).toBeVisible()
      await seen(page, `morning-3-doubtful-${language}`)
      const row = page.getByRole('row').filter({ hasText: format.volume((one.last + 700).toFixed(3)) })
      await row.getByRole('button', { name: t('readings.reject') }).click()
      // A rejection says why: the subscriber reads it.
      const why = page.getByRole('dialog', { name: t('readings.rejectTitle') })
      await expect(why.getByLabel(t('readings.why'))).toBeFocused()
      await why.getByLabel(t('readings.why')).fill('×10')
      await why.getByRole('button', { name: t('readings.reject') }).click()
      await expect(row.getByText('×10', { exact: false })).toBeVisible()
      await expect(row.getByText(t('enum.Verdict.REJECTED'))).toBeVisible()
      await send(one.last + 4.5)
      const answer = form.getByRole('status')
      await expect(answer.getByText(t('enum.Verdict.ACCEPTED'))).toBeVisible()
      await expect(answer.getByText(t('readings.used', { volume: format.volume('4.5') }))).toBeVisible()
      await expect(answer.getByText(like('readings.costs'))).toBeVisible()
      await seen(page, `morning-4-accepted-${language}`)
      await accessible(page)
    })

    await test.step('a child was born: one more resident', async () => {
      const dialog = page.getByRole('dialog')
      await page.getByRole('button', { name: t('subscribers.residentsAct') }).click()
      await dialog.getByLabel(t('subscribers.residents')).fill(String(one.residents + 1))
      await dialog.getByLabel(t('common.fromDay')).fill('2026-03-25')
      await dialog.getByLabel(t('subscribers.residentsSource')).selectOption('EGOV')
      await dialog.getByRole('button', { name: t('common.save') }).click()
      // What it changes is read before it is written.
      await expect(dialog.getByRole('row', { name: like('subscribers.residents') })).toContainText(t('subscribers.people', { count: one.residents + 1 }))
      await seen(page, `morning-5-residents-${language}`, false)
      await dialog.getByRole('button', { name: t('common.save') }).click()
      await expect(page.getByText(t('subscribers.residentsSaved'))).toBeVisible()
      await expect(page.getByText(new RegExp(`^${t('subscribers.people', { count: one.residents + 1 })}`)).first()).toBeVisible()
    })

    await test.step("yesterday's file: what was refused says why, what is right goes in", async () => {
      const filename = `readings-${language}-2026-03-25.csv`
      const [good, low] = [all[3 + 2 * index]!, all[4 + 2 * index]!]
      const lines = [
        'account;hot;serial;day;value_m3;channel',
        `${good.number};0;${good.serial};2026-03-25;${(good.last + 3).toFixed(3)};phone`,
        `${low.number};0;${low.serial};2026-03-25;${Math.max(0, low.last - 20).toFixed(3)};phone`,
        `${low.number};0;00000000;2026-03-25;10.000;phone`,
        `7999999;0;${low.serial};2026-03-25;10.000;phone`,
        `${low.number};0;${low.serial};2026-03-25;сто;phone`,
      ]
      await request.post(`/imports/upload?kind=readings&filename=${filename}`, {
        data: lines.join('\n'), headers: { Authorization: `Bearer ${await staffToken(request, login)}`, 'content-type': 'text/csv' },
      })
      await page.getByRole('navigation', { name: t('app.menu') }).getByRole('link', { name: t('nav.imports') }).click()
      await page.getByRole('link', { name: filename }).first().click()
      await expect(page.getByText(t('enum.ImportState.CHECKED'))).toBeVisible()
      await page.getByRole('button', { name: new RegExp(`^${t('imports.tileRejected')}\\s*\\d`) }).click()
      const rejected = page.getByRole('row').filter({ hasText: t('enum.RowVerdict.REJECTED') })
      await expect.poll(() => rejected.count()).toBeGreaterThanOrEqual(3)
      await seen(page, `morning-6-rejected-${language}`)
      await accessible(page)
      const download = page.waitForEvent('download')
      await page.getByRole('button', { name: `${t('imports.download')}: CSV` }).click()
      expect((await download).suggestedFilename()).toBe(filename.replace('.csv', '-rejected.csv'))
      await page.getByRole('button', { name: like('imports.commit') }).click()
      await expect(page.getByRole('button', { name: t('imports.undo') })).toBeVisible()
      await page.goto(`/admin/accounts/${good.number}?tab=readings`)
      await expect(page.getByRole('row').filter({ hasText: format.volume((good.last + 3).toFixed(3)) }).getByText(t('enum.Verdict.ACCEPTED'))).toBeVisible()
    })
  })
}
