import PDFDocument from "pdfkit";
import { fill } from "@caudal/runtime";
import { localText } from "../desk/slot-view.ts";
import { peopleTables, type PeopleTable } from "./people-rows.ts";
import type { Cell, Report } from "./report.ts";

const MARGIN = 36;
const ROW = 13;
const FONT = 7;
const PAD = 2;
const BOTTOM = 30;

type Document = InstanceType<typeof PDFDocument>;

/** A report in Spanish, A4 on its side, with a header, tables whose heads stand on every page, and page numbers. The same report gives the same bytes. `compress` false leaves its text readable. */
export async function reportPdf(report: Report, { compress = true }: { readonly compress?: boolean } = {}): Promise<Uint8Array> {
  const tables = await peopleTables(report, "es");
  const title = latin(fill(report.title, "es"));
  const made = new Date(report.atUs / 1000);
  const document = new PDFDocument({ size: "A4", layout: "landscape", margin: MARGIN, bufferPages: true, compress, info: { Title: title, Creator: "Caudal", Producer: "Caudal", CreationDate: made, ModDate: made } });
  const chunks: Uint8Array[] = [];
  document.on("data", (chunk: Uint8Array) => void chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => document.once("end", resolve).once("error", reject));
  document.font("Helvetica-Bold").fontSize(15).text(title);
  document.font("Helvetica").fontSize(8).text(latin(`Generado el ${localText(report.atUs)} (UTC-4)`));
  for (const note of report.notes) document.text(latin(fill(note, "es")));
  for (const table of tables) writeTable(document, table);
  numberPages(document, title);
  document.end();
  await ended;
  return Buffer.concat(chunks);
}

function writeTable(document: Document, { table: { title, columns }, rows }: PeopleTable): void {
  const width = document.page.width - 2 * MARGIN;
  const shares = columns.map(({ share = 1 }) => share);
  const whole = shares.reduce((sum, share) => sum + share, 0);
  const widths = shares.map((share) => (share / whole) * width);
  const line = (cells: readonly Cell[], isHead: boolean): void => {
    const top = document.y;
    document.font(isHead ? "Helvetica-Bold" : "Helvetica").fontSize(FONT);
    let left = MARGIN;
    for (const [at, cell] of cells.entries()) {
      const cellWidth = widths[at]! - 2 * PAD;
      document.text(fitted(document, cellText(cell), cellWidth), left + PAD, top + PAD, { width: cellWidth + PAD, lineBreak: false, align: "left" });
      left += widths[at]!;
    }
    document.moveTo(MARGIN, top + ROW).lineTo(MARGIN + width, top + ROW).lineWidth(isHead ? 0.8 : 0.2).strokeColor(isHead ? "#000000" : "#bbbbbb").stroke();
    document.x = MARGIN;
    document.y = top + ROW;
  };
  const head = (): void => line(columns.map((column) => fill(column.title, "es")), true);
  const room = (height: number): boolean => document.y + height <= document.page.height - MARGIN - BOTTOM;
  document.moveDown(1);
  if (!room(4 * ROW)) document.addPage();
  document.font("Helvetica-Bold").fontSize(10).text(latin(fill(title, "es")), MARGIN);
  head();
  for (const row of rows) {
    if (!room(ROW)) {
      document.addPage();
      head();
    }
    line(row, false);
  }
  if (rows.length === 0) document.font("Helvetica").fontSize(8).text("Sin filas.", MARGIN, document.y + PAD);
}

function numberPages(document: Document, title: string): void {
  const { start, count } = document.bufferedPageRange();
  for (let page = start; page < start + count; page++) {
    document.switchToPage(page);
    // Below the margin a text would begin a page of its own.
    const { bottom } = document.page.margins;
    document.page.margins.bottom = 0;
    document.font("Helvetica").fontSize(FONT).text(`${title} · Página ${page - start + 1} de ${count}`, MARGIN, document.page.height - BOTTOM, { width: document.page.width - 2 * MARGIN, align: "right", lineBreak: false });
    document.page.margins.bottom = bottom;
  }
}

/** Decimal comma, as Spanish has it; a missing value is a dash of its own, never a zero. */
function cellText(cell: Cell): string {
  if (cell === null || cell === "") return "–";
  return latin(typeof cell === "number" ? String(cell).replace(".", ",") : String(cell));
}

/** As much of the text as fits, with a sign where something was cut: the whole stands in CSV and JSON. */
function fitted(document: Document, text: string, width: number): string {
  if (document.widthOfString(text) <= width) return text;
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (document.widthOfString(`${text.slice(0, middle)}…`) <= width) low = middle;
    else high = middle - 1;
  }
  return `${text.slice(0, low)}…`;
}

/** What the standard fonts have no sign for is written so that it is seen to be missing. */
function latin(text: string): string {
  return text.replaceAll("→", "->").replaceAll("₂", "2").replace(/[^\u0020-\u007e\u00a0-\u00ff–…·]/gu, "?");
}
