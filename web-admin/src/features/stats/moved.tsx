// A figure that says by how much it has just moved: a sign, an arrow and a frame, then it is still again.
import { useEffect, useState, type ReactNode } from 'react'
import { useFormat } from '@aiscra/ui'
import { tenge, tiyn } from './sums'

const shownFor = 6_000

/** What was added since the figure was last still; null when it is. `key` a component by what the figure is of. */
function useMoved(value: bigint): bigint | null {
  const [was, setWas] = useState({ still: value, now: value })
  if (was.now !== value) setWas({ still: was.still, now: value })
  useEffect(() => {
    const timer = setTimeout(() => setWas({ still: value, now: value }), shownFor)
    return () => clearTimeout(timer)
  }, [value])
  return was.still === value ? null : value - was.still
}

interface Tile {
  label: string
  note?: ReactNode
  testid?: string
}

function Shell({ label, moved, note, testid, children }: Tile & { moved: string | null; children: ReactNode }) {
  return (
    <div className="city-figure" data-moved={moved !== null}>
      <dt>{label}</dt>
      <dd>
        <span className="city-value" data-testid={testid}>{children}</span>
        {moved !== null ? <span className="city-note city-delta">{moved}</span> : <span className="city-note">{note}</span>}
      </dd>
    </div>
  )
}

const arrow = (by: bigint) => (by > 0n ? '▲\u00a0+' : '▼\u00a0\u2212')
const size = (by: bigint) => (by < 0n ? -by : by)

export function MoneyTile({ value, ...rest }: Tile & { value: string }) {
  const format = useFormat()
  const by = useMoved(tiyn(value))
  // The whole part is read from afar, the rest from near.
  const words = format.money(value)
  const point = words.search(/[.,]\d\d\D*$/)
  return (
    <Shell {...rest} moved={by === null ? null : `${arrow(by)}${format.money(tenge(size(by)))}`}>
      {words.slice(0, point)}<wbr /><small>{words.slice(point)}</small>
    </Shell>
  )
}

export function CountTile({ value, ...rest }: Tile & { value: number }) {
  const format = useFormat()
  const by = useMoved(BigInt(value))
  return <Shell {...rest} moved={by === null ? null : `${arrow(by)}${format.count(Number(size(by)))}`}>{format.count(value)}</Shell>
}

/** A share of a whole, in words and as a filled line. */
export function ShareTile({ value, ...rest }: Tile & { value: string | null }) {
  const format = useFormat()
  const filled = Math.min(100, 100 * Number(value ?? 0))
  return (
    <Shell {...rest} moved={null}>
      {value === null ? '—' : format.percent(value)}
      {value !== null && <span className="city-share" aria-hidden="true"><span style={{ width: `${filled}%` }} /></span>}
    </Shell>
  )
}
