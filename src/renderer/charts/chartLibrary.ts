/** Only what a line needs; loaded when the first chart is drawn, so that the room is painted before it. */
import { Chart, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip } from 'chart.js'

Chart.register(Filler, LinearScale, LineController, LineElement, PointElement, Tooltip)

export { Chart }
