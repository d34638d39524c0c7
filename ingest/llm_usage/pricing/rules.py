"""Owns what is known about price lists as data: which list is whose, which tiers are the default one, which suffixes mean what.

Must not know a price. Source of the ids: the bundled data of genai-prices 0.2.3; of our names: ``providers.yaml``.
"""

from __future__ import annotations

#: Our provider names, where the list calls them otherwise. Names that differ only in dots, dashes and case need no entry.
LIST_OF_PROVIDER = {
    "aws.bedrock": "aws",
    "azure.ai.openai": "azure",
    "azure.ai.inference": "azure",
    "cloudflare_workers_ai": "cloudflare",
    "gcp.gemini": "google",
    "gcp.vertex_ai": "google",
    "gcp.gen_ai": "google",
    "fireworks_ai": "fireworks",
    "mistral_ai": "mistral",
    "moonshot_ai": "moonshotai",
    "together_ai": "together",
    "voyage": "voyageai",
    "z_ai": "zai",
}
#: Hosts with a list of their own, though they belong to a provider of another one.
LIST_OF_HOST = {"open.bigmodel.cn": "zhipuai"}
#: Gateways that publish prices of their own. ``{provider}`` is the name of the provider's list.
LIST_OF_GATEWAY = {"openrouter": "openrouter", "huggingface": "huggingface_{provider}"}
#: Lists in which the asked name says more than the answered one: on Bedrock the answer leaves out the region that is paid for.
ASKED_FIRST = frozenset({"aws"})
#: What the list calls a provider behind Hugging Face, where it differs from that provider's own list.
HUGGINGFACE_NAMES = {"fireworks": "fireworks-ai", "fireworks-ai": "fireworks-ai", "together": "together"}

#: Spellings of the default tier: the list's base price. Sources: API references of OpenAI, Anthropic, Groq, Google, AWS.
BASE_TIERS = frozenset(
    {"", "default", "standard", "auto", "standard_only", "on_demand", "on-demand", "ondemand", "unspecified", "service_tier_unspecified"}
)
#: Defaults of the other dimensions of price. Sources: API references of Anthropic (speed, inference_geo), Google (trafficType), AWS.
BASE_SPEEDS = frozenset({"", "standard", "default", "normal"})
BASE_TRAFFIC = frozenset({"", "on_demand"})
BASE_REGIONS = frozenset({"", "global", "default", "not_available", "unspecified"})
#: Lists of providers who charge by region of inference under one name of the model. In other lists a region is part of the
#: name (Bedrock's profiles) or has no price of its own. Sources: developers.openai.com/api/docs/guides/data-residency;
#: platform.claude.com/docs/en/manage-claude/data-residency.
REGION_HAS_A_PRICE = frozenset({"openai", "anthropic"})
#: The word for the list that the package carries, in ``price_lists:``.
BUNDLED = "bundled"
#: Names that have meant other models, at other prices, at other times; beside those that end in ``-latest``.
MOVING_ALIASES = frozenset({"deepseek-chat", "deepseek-reasoner", "grok-code-fast-1", "gpt-4-turbo-preview", "gpt-4o", "gpt-3.5-turbo"})
#: Under which key of a list's variants a tier may stand, in the order in which they are tried.
TIER_KEYS = ("service_tier", "processing", "speed")

#: OpenRouter: routing wishes that are part of the name but not of the price list.
ROUTING_SUFFIXES = (":nitro", ":online", ":exacto", ":floor")
FREE_SUFFIX = ":free"
#: Models whose entry in the list has no prices because they cost nothing, as their providers say. Any other entry without
#: prices is a gap in the list, and the model is unpriced.
FREE_OF_CHARGE = frozenset(
    {
        ("google", "gemma-3"),
        ("google", "gemma-3n"),
        ("google", "gemma-4-26b-a4b-it"),
        ("google", "gemma-4-31b-it"),
        ("openai", "moderation"),
        ("github-copilot", "gpt-3.5-turbo"),
        ("github-copilot", "gpt-4.1"),
        ("github-copilot", "gpt-4o"),
        ("github-copilot", "gpt-4o-mini"),
    }
)
#: Units beside tokens that may be all that a model is charged by.
BY_UNIT = frozenset({"audio_second", "character"})
#: Price keys of the list, as our units, with what the price is for.
UNIT_OF_KEY = {
    "input_audio_hours": ("audio_second", 3_600),
    "input_mchars": ("character", 1_000_000),
    "output_citation_mtok": ("citation_tokens", 1_000_000),
    "storage_searches_kcount": ("file_search", 1_000),
    "input_mtok": ("input", 1_000_000),
    "cache_read_mtok": ("cache_read", 1_000_000),
    "cache_write_mtok": ("cache_write", 1_000_000),
    "cache_write_1h_mtok": ("cache_write_1h", 1_000_000),
    "input_audio_mtok": ("input_audio", 1_000_000),
    "input_image_mtok": ("input_image", 1_000_000),
    "output_mtok": ("output", 1_000_000),
    "output_reasoning_mtok": ("reasoning", 1_000_000),
    "output_audio_mtok": ("output_audio", 1_000_000),
    "output_image_mtok": ("output_image", 1_000_000),
    "requests_kcount": ("request", 1_000),
    "web_searches_kcount": ("web_search", 1_000),
    "cache_audio_read_mtok": ("cache_read_audio", 1_000_000),
    "cache_image_read_mtok": ("cache_read_image", 1_000_000),
}


def plain(name: str) -> str:
    """A name without case and punctuation, for comparing spellings."""
    return "".join(char for char in name.lower() if char.isalnum())


def models(*names: str | None, gateway: str | None = None) -> tuple[str, ...]:
    """The names under which a list may know a model, most exact first: as recorded, then without what is no part of a name.

    Routing suffixes are cut (for the price only), Hugging Face's ``:provider``, and at last the vendor or path in front.
    """
    whole: list[str] = []
    for name in names:
        if name and name.strip():
            text = name.strip()
            for suffix in ROUTING_SUFFIXES:
                text = text.removesuffix(suffix)
            if gateway == "huggingface":
                text = text.partition(":")[0]
            whole.append(text)
    return tuple(dict.fromkeys([*whole, *(text.rpartition("/")[2] for text in whole if text.rpartition("/")[2])]))


def names_of(asked: str | None, answered: str | None, *, asked_first: bool = False, gateway: str | None = None) -> tuple[str, ...]:
    """The names to look a price up under. What was asked for counts only where the answer names no model, or a longer name of
    the same one (``grok-3-mini-high``): when another model answered, the price of the one that was asked for is not its price.
    """
    if asked_first:
        return models(asked, answered, gateway=gateway)
    own, other = models(answered, gateway=gateway), models(asked, gateway=gateway)
    longer = any(name.lower().startswith(f"{short.lower()}{mark}") for name in own for short in other for mark in "-@:")
    return models(answered, asked, gateway=gateway) if not own or longer else own


def is_moving(name: str) -> bool:
    """The name is an alias that moves from model to model."""
    return name.lower().endswith("-latest") or name.lower() in MOVING_ALIASES


def routed_to(provider: str | None, gateway: str | None, asked: str | None) -> str | None:
    """The provider; behind Hugging Face also as the caller wished for it behind the model's name."""
    if provider is None and gateway == "huggingface" and asked and ":" in asked:
        return asked.rpartition(":")[2] or None
    return provider


def is_free(*names: str | None) -> bool:
    """A name ends in ``:free``, which OpenRouter gives to models that are not charged."""
    return any(name is not None and name.strip().lower().endswith(FREE_SUFFIX) for name in names)
