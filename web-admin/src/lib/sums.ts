/** Exact: decimals of the server, which all have the same number of places, are added up as whole numbers. */
export function addUp(values: readonly string[], places = 2): string {
  const whole = values.reduce((sum, value) => {
    const [units = '0', part = ''] = value.replace('-', '').split('.')
    const one = BigInt(units + part.padEnd(places, '0').slice(0, places))
    return value.startsWith('-') ? sum - one : sum + one
  }, 0n)
  const text = (whole < 0n ? -whole : whole).toString().padStart(places + 1, '0')
  return `${whole < 0n ? '-' : ''}${text.slice(0, -places)}.${text.slice(-places)}`
}
