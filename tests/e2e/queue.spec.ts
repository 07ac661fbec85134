// The queue of doubtful readings, worked through by keyboard; the trail then says who rejected what and why.
import { expect, test } from '@playwright/test'
import { accessible, call, demoAccount, signIn, staffToken } from './support'

test('a doubtful reading is found in the queue, rejected by keyboard with words, and the trail says so', async ({ page, request }) => {
  const number = await demoAccount(request, 'PRIVATE')
  const token = await staffToken(request, 'operator.private')
  const found = await call<{ account: { id: string; points: { id: string; meter: { id: string } | null; lastReading: { value: string } | null }[] } }>(
    request, 'query A($n: String!) { account(number: $n) { id points { id meter { id } lastReading { id value } } } }', { n: number }, token,
  )
  const point = found.data!.account.points.find((one) => one.meter && one.lastReading)!
  const value = (Number(point.lastReading!.value) + 900).toFixed(3)
  const sent = await call<{ readingSubmit: { reading: { verdict: string } } }>(
    request, 'mutation S($input: ReadingSubmitInput!) { readingSubmit(input: $input) { reading { id verdict } errors { code } } }',
    { input: { pointId: point.id, value } }, token,
  )
  expect(sent.data!.readingSubmit.reading.verdict).toBe('DOUBTFUL')

  await signIn(page, 'operator.private')
  await page.goto('/admin/')
  await page.getByRole('link', { name: /показани(е|я|й) жд(ёт|ут) решения/ }).click()
  const list = page.getByRole('region', { name: 'Очередь показаний' })
  const beside = page.getByRole('region', { name: 'Показание и история счётчика' })
  // The longest wait comes first: this one is the last.
  const waiting = await list.getByRole('listitem').count()
  for (let step = 1; step < waiting; step += 1) await page.keyboard.press('j')
  await expect(beside.getByRole('link', { name: number })).toBeVisible()
  await expect(beside.getByRole('row').nth(1)).toContainText('Под сомнением')
  await accessible(page)
  await page.keyboard.press('r')
  const dialog = page.getByRole('dialog', { name: 'Отклонить показание' })
  await dialog.getByRole('button', { name: 'Отклонить' }).click()
  await expect(dialog.getByText('Заполните это поле')).toBeVisible()
  await dialog.getByLabel('Почему').fill('Лишняя цифра')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('status').filter({ hasText: 'Показание отклонено' })).toBeVisible()
  await expect(list.getByText(number)).toHaveCount(0)

  await page.evaluate(() => localStorage.clear())
  await signIn(page, 'auditor')
  await page.goto('/admin/audit?entity=reading&action=decide')
  await page.getByRole('button', { name: /decided_why/ }).first().click()
  await expect(page.getByRole('row', { name: /decided_why.*Лишняя цифра/ }).first()).toBeVisible()
  await accessible(page)
})
