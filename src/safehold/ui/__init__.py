"""Design elements: templates, tags, one stylesheet and small scripts. No models, no rules, nothing of the product."""
