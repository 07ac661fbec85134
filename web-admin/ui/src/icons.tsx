// The few pictograms the two applications use, drawn on a 24-unit grid.
import type { ReactNode, SVGProps } from 'react'

type IconProps = SVGProps<SVGSVGElement> & { size?: number }

const icon = (paths: ReactNode) =>
  function Icon({ size = 18, ...rest }: IconProps) {
    return (
      <svg
        width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth={1.8}
        strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" {...rest}
      >
        {paths}
      </svg>
    )
  }

export const IconSearch = icon(<><circle cx="10.5" cy="10.5" r="6.5" /><path d="m20 20-4.8-4.8" /></>)
export const IconAccount = icon(<><circle cx="12" cy="8" r="4" /><path d="M4.5 20.5c.8-4 3.8-6 7.5-6s6.700 2 7.500 6" /></>)
export const IconImport = icon(<><path d="M12 15V3.500M7.500 8 12 3.500 16.500 8" /><path d="M4 15v3.500A1.500 1.500 0 0 0 5.500 20h13a1.500 1.500 0 0 0 1.500-1.500V15" /></>)
export const IconPicture = icon(<><path d="M3.500 20.500h17M6.500 16.500v-5M11 16.500V5M15.500 16.500V9M20 16.500v-3" /></>)
export const IconScreen = icon(<path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5" />)
export const IconPause = icon(<path d="M8.500 5v14M15.500 5v14" />)
export const IconRefresh = icon(<path d="M20 11a8 8 0 0 0-14.500-3.500L3.500 10M3.500 4.500V10H9M4 13a8 8 0 0 0 14.500 3.500l2-2.500M20.500 19.500V14H15" />)
export const IconPeriod = icon(<><rect x="3.500" y="5" width="17" height="15.500" rx="2" /><path d="M3.500 10h17M8 2.800V6.500M16 2.800V6.500" /></>)
export const IconTariff = icon(<><path d="M4 12.500 12.500 4H20v7.500L11.500 20z" /><circle cx="16" cy="8" r="1.200" /></>)
export const IconDocument = icon(<><path d="M6 3h8l4.500 4.500V20a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1z" /><path d="M14 3v5h4.500M8.500 13h7M8.500 16.500h7" /></>)
export const IconJob = icon(<><circle cx="12" cy="12" r="3.200" /><path d="M12 2.800v3M12 18.200v3M2.800 12h3M18.200 12h3M5.500 5.500l2.100 2.100M16.400 16.400l2.100 2.100M5.500 18.500l2.100-2.100M16.400 7.600l2.100-2.100" /></>)
export const IconSwitch = icon(<><path d="M12 3.500v8" /><path d="M7 6.500a7.500 7.500 0 1 0 10 0" /></>)
export const IconUsers = icon(<><circle cx="9" cy="8.500" r="3.500" /><path d="M2.500 20c.6-3.600 3.200-5.300 6.500-5.300s5.900 1.700 6.500 5.300M16 5.300a3.500 3.500 0 0 1 0 6.400M18 15c2 .7 3.200 2.400 3.600 5" /></>)
export const IconAlert = icon(<><path d="M12 4 2.800 19.500h18.400z" /><path d="M12 10v4.500M12 17.200v.1" /></>)
export const IconCheck = icon(<path d="m5 12.500 4.500 4.500L19.500 7" />)
export const IconChevron = icon(<path d="m9 5.500 6.500 6.500L9 18.500" />)
export const IconBack = icon(<path d="M15 5.500 8.500 12l6.500 6.500" />)
export const IconMeter = icon(<><circle cx="12" cy="12" r="8.500" /><path d="M12 12 15.500 8M7 12a5 5 0 0 1 5-5M9 16.500h6" /></>)
export const IconBill = icon(<><path d="M5.500 3.500h13V21l-2.200-1.500L14.200 21 12 19.500 9.800 21l-2.100-1.500L5.500 21z" /><path d="M9 8h6M9 12h6" /></>)
export const IconWallet = icon(<><rect x="3" y="6" width="18" height="14" rx="2" /><path d="M3 9.500h18M16.500 14.500h.1M6 6l9-3v3" /></>)
export const IconHome = icon(<><path d="m3.500 11.500 8.500-8 8.500 8" /><path d="M5.500 10v10h13V10M10 20v-6h4v6" /></>)
export const IconExit = icon(<><path d="M14 4H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h8" /><path d="M10 12h10.500M17 8l4 4-4 4" /></>)
export const IconDownload = icon(<><path d="M12 3.500V15M7.500 10.500 12 15l4.500-4.500" /><path d="M4 17v2a1.500 1.500 0 0 0 1.500 1.500h13A1.500 1.500 0 0 0 20 19v-2" /></>)
export const IconLock = icon(<><rect x="5" y="10.500" width="14" height="10" rx="2" /><path d="M8 10.500V7.500a4 4 0 0 1 8 0v3" /></>)
export const IconUndo = icon(<><path d="M8.500 5 4 9.500 8.500 14" /><path d="M4 9.500h10a6 6 0 0 1 0 12h-3" /></>)

export const IconSun = icon(<><circle cx="12" cy="12" r="4" /><path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.600 5.600l1.400 1.400M17 17l1.400 1.400M5.600 18.400 7 17M17 7l1.400-1.400" /></>)
export const IconMoon = icon(<path d="M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z" />)
export const IconPlus = icon(<path d="M12 5v14M5 12h14" />)
export const IconEdit = icon(<path d="M4 20h4L19 9l-4-4L4 16zM13 7l4 4" />)
export const IconPrint = icon(<><path d="M7 9V3.500h10V9M7 17H4.500A1.500 1.500 0 0 1 3 15.500v-5A1.500 1.500 0 0 1 4.500 9h15a1.500 1.500 0 0 1 1.500 1.500v5a1.500 1.500 0 0 1-1.500 1.500H17" /><path d="M7 14h10v6.500H7z" /></>)
export const IconColumns = icon(<path d="M4 5h16v14H4zM9.300 5v14M14.700 5v14" />)

export function Mark({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#0f6ba4" />
      <path d="M16 5.500c4.200 5.200 7 8.800 7 12.600a7 7 0 0 1-14 0c0-3.800 2.800-7.400 7-12.600z" fill="#fff" />
      <path d="M12.200 18.400c0 2.400 1.500 4 3.800 4.200" fill="none" stroke="#338cc7" strokeWidth="2" strokeLinecap="round" />
    </svg>
  )
}
