"""From programs to programs: the chain rule, the backward pass, updates, whole trainings, second derivatives."""
