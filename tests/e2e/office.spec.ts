// The registers are kept through forms: a document, residents, a meter, a price, a setting with four eyes, a user. Refusals stand beside their
// field, a form asks before it does something heavy, and a change made meanwhile by somebody else is told.
import { expect, test, type Page } from '@playwright/test'
import { call, demoAccount, signIn, staffToken } from './support'

const dialog = (page: Page) => page.getByRole('dialog')
const said = (page: Page, words: string | RegExp) => expect(page.getByRole('status').filter({ hasText: words }).first()).toBeVisible()
const again = async (page: Page, login: string) => {
  await page.evaluate(() => localStorage.clear())
  await signIn(page, login)
}

async function pickDocument(page: Page, number: string): Promise<void> {
  await dialog(page).getByRole('combobox', { name: 'Документ-основание' }).fill(number)
  await dialog(page).getByRole('listbox').getByRole('option').filter({ hasText: number }).click()
}

test('an order is registered, a price and a setting rest on it, another person confirms', async ({ page }) => {
  await signIn(page, 'accountant')
  await page.goto('/admin/documents')
  await page.getByRole('button', { name: 'Зарегистрировать документ' }).click()
  await dialog(page).getByRole('button', { name: 'Зарегистрировать' }).click()
  await expect(dialog(page).getByText('Заполните это поле').first()).toBeVisible()
  await expect(dialog(page).getByLabel('Номер')).toBeFocused()
  await dialog(page).getByLabel('Номер').fill('77-Н')
  await dialog(page).getByLabel('Кем выдан').fill('Департамент по регулированию монополий')
  await dialog(page).getByLabel('О чём').fill('Тарифы с 1 июня')
  await dialog(page).getByRole('button', { name: 'Зарегистрировать' }).click()
  await said(page, 'Документ 77-Н зарегистрирован')
  await expect(page.getByRole('cell', { name: '77-Н' })).toBeVisible()

  await page.goto('/admin/tariffs')
  await page.getByRole('button', { name: 'Новая цена' }).click()
  await dialog(page).getByLabel('Группа потребителей').selectOption({ label: '2 группа: прочие' })
  await dialog(page).getByLabel('Цена за м³ без НДС').fill('700,5')
  await dialog(page).getByLabel('С какого дня').fill('2026-06-01')
  await dialog(page).getByLabel('Источник').fill('Приказ 77-Н')
  await pickDocument(page, '77-Н')
  await dialog(page).getByRole('button', { name: 'Предложить' }).click()
  // The preview says what will change before anything does.
  await expect(dialog(page).getByText('с 1 июня 2026')).toBeVisible()
  await expect(dialog(page).getByText('700,50')).toBeVisible()
  await dialog(page).getByRole('button', { name: 'Предложить' }).click()
  await said(page, 'Предложено: ждёт второго лица')
  // It waits in its own place and among the prices, and is in force nowhere. Who proposed it may only take it back.
  const waiting = page.getByRole('region', { name: 'Ждут второго лица' })
  await expect(waiting.getByRole('row', { name: /Водоснабжение, 2 группа: прочие.*700,50.*350,00.*77-Н.*Ольга Ким/ })).toBeVisible()
  await expect(waiting.getByRole('button', { name: 'Подтвердить' })).toHaveCount(0)
  await expect(waiting.getByRole('button', { name: 'Отозвать' })).toBeVisible()
  await page.getByLabel('На дату').fill('2026-06-02')
  await expect(page.getByRole('row', { name: /Водоснабжение.*2 группа: прочие.*700,50.*Ждёт второго лица/ })).toBeVisible()
  await expect(page.getByRole('row', { name: /Водоснабжение.*2 группа: прочие.*350,00.*демонстрационное значение/ })).toBeVisible()

  await page.getByRole('button', { name: 'Предложить значение' }).click()
  await dialog(page).getByLabel('Настройка').selectOption('readings.jump_factor')
  await dialog(page).getByLabel('Значение').fill('6')
  await dialog(page).getByLabel('С какого дня').fill('2026-07-01')
  await dialog(page).getByLabel('Источник').fill('Приказ 77-Н')
  await pickDocument(page, '77-Н')
  await dialog(page).getByRole('button', { name: 'Предложить' }).click()
  await said(page, 'Значение предложено')
  await expect(page.getByRole('button', { name: 'Подтвердить' })).toHaveCount(0)

  await again(page, 'chief')
  await page.goto('/admin/tariffs')
  const prices = page.getByRole('region', { name: 'Ждут второго лица' })
  await prices.getByRole('button', { name: 'Отклонить' }).click()
  await dialog(page).getByRole('button', { name: 'Отклонить' }).click()
  await expect(dialog(page).getByLabel('Почему')).toBeFocused()
  await page.keyboard.press('Escape')
  await prices.getByRole('button', { name: 'Подтвердить' }).click()
  await expect(dialog(page).getByText('Приказ 77-Н')).toBeVisible()
  await expect(dialog(page).getByText('700,50')).toBeVisible()
  await expect(dialog(page).getByText('350,00')).toBeVisible()
  await dialog(page).getByRole('button', { name: 'Подтвердить' }).click()
  await said(page, 'Подтверждено: действует на свои дни')
  await expect(page.getByText('Ничего не ждёт подтверждения')).toBeVisible()
  await page.getByLabel('На дату').fill('2026-06-02')
  await expect(page.getByRole('row', { name: /Водоснабжение.*2 группа: прочие.*700,50.*Подтвердил: Сәуле Нұрғалиева.*Предложил: Ольга Ким/ })).toBeVisible()
  await page.getByRole('button', { name: 'Все предложения' }).click()
  await expect(page.getByRole('row', { name: /700,50.*Подтверждено.*Сәуле Нұрғалиева/ })).toBeVisible()

  const settings = page.getByRole('region', { name: 'Настройки, определяющие деньги' })
  await settings.getByRole('button', { name: 'Подтвердить' }).click()
  await expect(dialog(page).getByText('Приказ 77-Н')).toBeVisible()
  await dialog(page).getByRole('button', { name: 'Подтвердить' }).click()
  await said(page, 'Значение подтверждено')
  await expect(settings.getByText('Подтвердил: Сәуле Нұрғалиева')).toBeVisible()
})

test('a proposed value is declined with a reason that its proposer reads; another is taken back', async ({ page, request }) => {
  const token = await staffToken(request, 'accountant')
  const papers = await call<{ documents: { nodes: { id: string }[] } }>(request, '{ documents(first: 1) { nodes { id } } }', {}, token)
  for (const [from, value] of [['2027-01-01', '7'], ['2027-02-01', '8']]) {
    const input = { code: 'readings.jump_factor', value, from, source: `Опыт ${value}`, documentId: papers.data!.documents.nodes[0]!.id }
    await call(request, 'mutation P($input: SettingProposeInput!) { settingPropose(input: $input) { errors { code } } }', { input }, token)
  }
  const row = (name: RegExp) => page.getByRole('region', { name: 'Настройки, определяющие деньги' }).getByRole('row', { name })
  await signIn(page, 'chief')
  await page.goto('/admin/tariffs')
  await row(/Опыт 7/).getByRole('button', { name: 'Отклонить' }).click()
  await dialog(page).getByLabel('Почему').fill('Нет основания')
  await dialog(page).getByRole('button', { name: 'Отклонить' }).click()
  await said(page, 'Предложение отклонено')
  await expect(row(/Опыт 7.*Отклонил: Сәуле Нұрғалиева/)).toBeVisible()
  await expect(row(/Опыт 7/).getByRole('button')).toHaveCount(0)

  await again(page, 'accountant')
  await page.goto('/admin/tariffs')
  await expect(row(/Опыт 7.*Нет основания/)).toBeVisible()
  await row(/Опыт 8/).getByRole('button', { name: 'Отозвать' }).click()
  await dialog(page).getByRole('button', { name: 'Отозвать' }).click()
  await said(page, 'Предложение отозвано')
  await expect(row(/Опыт 8.*Отозвано предложившим/)).toBeVisible()
})

test('residents and a meter are changed on the card', async ({ page, request }) => {
  // Private houses: their March is open whatever the story of the month has closed.
  const number = await demoAccount(request, 'PRIVATE')
  await signIn(page, 'operator.private')
  await page.goto(`/admin/accounts/${number}`)
  await page.getByRole('button', { name: 'Прописанные' }).click()
  // Nothing is filled in beforehand: what decides money is typed by whoever holds the paper.
  await dialog(page).getByRole('button', { name: 'Сохранить' }).click()
  await expect(dialog(page).getByText('Заполните это поле')).toHaveCount(3)
  await dialog(page).getByLabel('Прописано').fill('7')
  await dialog(page).getByLabel('Откуда сведения').selectOption('EGOV')
  await dialog(page).getByLabel('С какого дня').fill('2026-03-25')
  await dialog(page).getByRole('button', { name: 'Сохранить' }).click()
  await expect(dialog(page).getByRole('row', { name: /Прописано.*7 человек/ })).toBeVisible()
  await dialog(page).getByRole('button', { name: 'Сохранить' }).click()
  await said(page, 'Число прописанных записано')
  await expect(dialog(page)).toHaveCount(0)
  await expect(page.getByRole('definition').filter({ hasText: '7 человек' })).toBeVisible()

  // The same once more is no change.
  await page.getByRole('button', { name: 'Прописанные' }).click()
  await dialog(page).getByLabel('Прописано').fill('7')
  await dialog(page).getByLabel('Откуда сведения').selectOption('EGOV')
  await dialog(page).getByLabel('С какого дня').fill('2026-03-26')
  await dialog(page).getByRole('button', { name: 'Сохранить' }).click()
  await expect(dialog(page).getByText('Так уже записано: менять нечего')).toBeVisible()
  await page.keyboard.press('Escape')

  await page.getByRole('button', { name: 'Заменить' }).first().click()
  await dialog(page).getByLabel(/Последнее показание/).fill('1')
  // By keyboard: the list opens at focus, the second model is taken.
  const model = dialog(page).getByRole('combobox', { name: 'Модель' })
  await model.focus()
  await expect(dialog(page).getByRole('listbox').getByRole('option').nth(1)).toBeVisible()
  await model.press('ArrowDown')
  await model.press('Enter')
  await expect(model).not.toHaveValue('')
  await dialog(page).getByLabel('Заводской номер').fill('NEW-7701')
  await dialog(page).getByLabel('Начальное показание').fill('0')
  await dialog(page).getByLabel('Поверен до').fill('2031-03-26')
  await dialog(page).getByRole('button', { name: 'Заменить' }).click()
  await expect(dialog(page).getByText(/вместо него ставится № NEW-7701/)).toBeVisible()
  await dialog(page).getByRole('button', { name: 'Заменить' }).click()
  // The last reading is below the one before: refused in words, and the input stays.
  await expect(dialog(page).getByLabel('Заводской номер')).toHaveValue('NEW-7701')
  await expect(dialog(page).locator('[aria-invalid=true], [role=alert]').first()).toBeVisible()
})

test('a user is made; a login taken is said beside the login; a change meanwhile is told and nothing typed is lost', async ({ page, request }) => {
  await signIn(page, 'admin')
  await page.goto('/admin/users')
  await page.getByRole('button', { name: 'Новый пользователь' }).click()
  await dialog(page).getByLabel('Логин').fill('cashier')
  await dialog(page).getByLabel('Имя').fill('Новый кассир')
  await dialog(page).getByLabel('Первый пароль').fill('ten-letters-or-more')
  await dialog(page).getByLabel('Кассир', { exact: true }).check()
  await dialog(page).getByRole('button', { name: 'Создать' }).click()
  await expect(dialog(page).getByLabel('Логин')).toHaveAttribute('aria-invalid', 'true')
  await dialog(page).getByLabel('Логин').fill('cashier.two')
  await dialog(page).getByRole('button', { name: 'Создать' }).click()
  await said(page, 'Пользователь cashier.two создан')

  const row = page.getByRole('row').filter({ hasText: 'cashier.two' })
  await row.getByRole('button', { name: 'Изменить' }).click()
  await dialog(page).getByLabel('Имя').fill('Вторая касса')
  const token = await staffToken(request, 'admin')
  const users = await call<{ users: { nodes: { id: string; login: string; version: number }[] } }>(request, '{ users(first: 100) { nodes { id login version } } }', {}, token)
  const { id, version } = users.data!.users.nodes.find((one) => one.login === 'cashier.two')!
  await call(request, 'mutation U($input: UserUpdateInput!) { userUpdate(input: $input) { errors { code } } }', { input: { id, expectedVersion: version, name: 'Касса на Абая' } }, token)
  await dialog(page).getByRole('button', { name: 'Сохранить' }).click()
  await expect(dialog(page).getByText('Запись уже изменил кто-то другой')).toBeVisible()
  await dialog(page).getByRole('button', { name: 'Обновить данные' }).click()
  await expect(dialog(page).getByText('Сейчас в системе: Касса на Абая')).toBeVisible()
  await expect(dialog(page).getByLabel('Имя')).toHaveValue('Вторая касса')
  await dialog(page).getByRole('button', { name: 'Сохранить' }).click()
  await said(page, 'Изменения сохранены: cashier.two')
  await expect(page.getByRole('cell', { name: 'Вторая касса' })).toBeVisible()

  // Switching somebody off asks first.
  await row.getByRole('button', { name: 'Изменить' }).click()
  // By the keyboard: the dialog may still be on its way, and a pointer would miss it.
  await dialog(page).getByLabel('Может входить в систему').press(' ')
  await expect(dialog(page).getByLabel('Может входить в систему')).not.toBeChecked()
  await dialog(page).getByRole('button', { name: 'Сохранить' }).click()
  await expect(dialog(page).getByText('cashier.two больше не войдёт в систему', { exact: false })).toBeVisible()
  await dialog(page).getByRole('button', { name: 'Сохранить' }).click()
  await expect(row.getByText('Отключён')).toBeVisible()
})
