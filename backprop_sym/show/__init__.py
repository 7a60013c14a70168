"""What a reader sees: LaTeX, tables, diagrams, figures."""
