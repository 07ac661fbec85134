#!/usr/bin/env python3
"""Writes the sample files of imports as workbooks beside their CSV: `python3 tests/samples.py`; needs openpyxl.

Cells are what a clerk's Excel would make of them: numbers, sums and days are such, ИИН and phones are text. A test keeps the
workbooks and the CSV the same.
"""

import csv
import datetime
import pathlib

import openpyxl

HERE = pathlib.Path(__file__).parent / "samples"
KINDS = ["premises", "accounts", "residents", "contracts", "meters", "readings", "payments", "balances"]
NUMBERS = {"residents": "0", "monthly_m3": "0.000", "initial_m3": "0.000", "value_m3": "0.000", "area_m2": "0.0", "amount": "0.00"}
DAYS = {"from", "to", "opened_on", "signed_on", "installed_on", "verified_on", "verified_until", "day", "paid_on"}


def cell(sheet, row, column, name, text):
    if not text:
        return
    if name in NUMBERS:
        sheet.cell(row, column, float(text)).number_format = NUMBERS[name]
    elif name in DAYS:
        sheet.cell(row, column, datetime.date.fromisoformat(text)).number_format = "dd.mm.yyyy"
    else:
        sheet.cell(row, column, text).number_format = "@"


for kind in KINDS:
    with open(HERE / f"{kind}.csv", encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file, delimiter=";")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = kind
    sheet.freeze_panes = "A2"
    for column, name in enumerate(header, 1):
        sheet.cell(1, column, name).font = openpyxl.styles.Font(bold=True)
        sheet.column_dimensions[openpyxl.utils.get_column_letter(column)].width = max(12, len(name) + 2)
    for at, row in enumerate(rows, 2):
        total = row[0] == "TOTAL"
        for column, text in enumerate(row, 1):
            cell(sheet, at, column, ("", "", "amount")[min(column - 1, 2)] if total else header[column - 1], text)
    book.save(HERE / f"{kind}.xlsx")
