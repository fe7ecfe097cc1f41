"""The look of every page that a rehearsal serves."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: #fff; color: #1b1f27; }
.banner { background: #ffd21e; color: #1b1f27; padding: .5rem 1rem; text-align: center; font-weight: 600; }
header, main { max-width: 46rem; margin: 0 auto; padding: 0 1rem; }
header { display: flex; gap: 1.25rem; align-items: baseline; padding-top: .75rem; flex-wrap: wrap; }
header .who { margin-left: auto; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; }
a { color: #1d5fd1; }
.box { border: 1px solid #c6ccd8; border-radius: .5rem; padding: .25rem 1rem 1rem; margin: 1rem 0; }
.tags span { border: 1px solid #c6ccd8; border-radius: 1rem; padding: .1rem .6rem; margin: 0 .3rem .3rem 0;
  display: inline-block; font-size: .85rem; }
label { display: block; margin: .6rem 0; }
input[type=text], input[type=date], select { display: block; font: inherit; padding: .35rem; width: 100%;
  box-sizing: border-box; max-width: 24rem; }
button { font: inherit; padding: .45rem .9rem; border-radius: .4rem; border: 1px solid #1b1f27; cursor: pointer;
  background: #1b1f27; color: #fff; margin: .4rem .4rem 0 0; }
button.quiet { background: transparent; color: inherit; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .35rem .5rem .35rem 0;
  border-bottom: 1px solid #c6ccd8; }
pre, code { font-family: ui-monospace, monospace; } pre { overflow-x: auto; padding: .75rem; background: #8881; }
.secret { font-family: ui-monospace, monospace; overflow-wrap: anywhere; padding: .5rem; background: #8882; }
.code { font: 600 2rem ui-monospace, monospace; letter-spacing: .1em; }
@media (prefers-color-scheme: dark) { body { background: #14171d; color: #e8eaee; } a { color: #8ab4ff; }
  button { background: #e8eaee; color: #14171d; } button.quiet { background: transparent; color: inherit; } }
"""
