"""Reports: functions from a record (`autograder.results`) to something to read.

- `redaction.for_student(record)`: the record without what hidden checks must not tell. Every
  report for a student starts from it; an instructor's report starts from the record itself.
- `terminal.render(record, console)`, `terminal.class_table(records, console)`
- `html.render(record, instructor=False)`, `html.render_class(records, skipped, proven)`
- `markdown.render(record)`, `markdown.append_step_summary(text)`, `markdown.annotations(record)`

Every string of a record counts as hostile here, whatever cleaned it before. rich and jinja2 are
imported when a renderer runs, not before.
"""
