"""Who answered: by address, path, header, id or the gateway's own word; positive evidence only."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from llm_usage.errors import ConfigError
from llm_usage.providers import Providers, providers

TABLE = yaml.safe_load((Path(__file__).parent.parent / "ingest" / "llm_usage" / "providers.yaml").read_text())

#: address, path, headers, provider_raw, response_id → gateway, provider
CASES = [
    ("openrouter.ai", "/api/v1/chat/completions", {}, "Groq", None, "openrouter", "groq"),
    ("openrouter.ai", "/api/v1/chat/completions", {}, "Google", None, "openrouter", "gcp.vertex_ai"),
    ("openrouter.ai", "/api/v1/chat/completions", {}, "Google AI Studio", None, "openrouter", "gcp.gemini"),
    ("openrouter.ai", "/api/v1/chat/completions", {}, "Amazon Bedrock", None, "openrouter", "aws.bedrock"),
    ("openrouter.ai", "/api/v1/chat/completions", {}, "Some New One", None, "openrouter", "some_new_one"),
    ("openrouter.ai", "/api/v1/chat/completions", {}, None, None, "openrouter", None),
    ("ai-gateway.vercel.sh", "/v1/chat/completions", {}, "google", None, "vercel", "gcp.gemini"),
    ("ai-gateway.vercel.sh", "/v1/chat/completions", {}, "vertexAnthropic", None, "vercel", "gcp.vertex_ai"),
    ("api.openai.com", "/v1/responses", {}, None, None, None, "openai"),
    ("contoso.openai.azure.com", "/openai/deployments/x/chat/completions", {}, None, None, None, "azure.ai.openai"),
    ("rubyllm.services.ai.azure.com", "/models/chat/completions", {}, None, None, None, "azure.ai.inference"),
    ("bedrock-runtime.eu-west-1.amazonaws.com", "/model/x/converse", {}, None, None, None, "aws.bedrock"),
    ("<AWS_REGION>.example", "/model/anthropic.claude/converse-stream", {}, None, None, None, "aws.bedrock"),
    (
        "us-central1-aiplatform.googleapis.com",
        "/v1/projects/p/locations/l/publishers/google/models/m:x",
        {},
        None,
        None,
        None,
        "gcp.vertex_ai",
    ),
    (None, None, {}, None, "msg_bdrk_01abc", None, "aws.bedrock"),
    (None, None, {}, None, "msg_01abc", None, "anthropic"),
    (None, None, {}, None, "gen-1758703127-x", "openrouter", None),
    ("proxy.internal", "/v1/chat/completions", {"x-litellm-version": "1"}, None, None, "litellm", None),
    (
        "proxy.internal",
        "/v1/chat/completions",
        {"x-litellm-version": "1", "x-litellm-model-api-base": "https://api.groq.com/openai/v1"},
        None,
        None,
        "litellm",
        "groq",
    ),
    ("p", "/", {"x-litellm-version": "1", "x-litellm-model-api-base": "https://openrouter.ai/api"}, None, None, "litellm", None),
    ("p", "/", {"x-litellm-version": "1", "x-litellm-model-api-base": "https://[x"}, None, None, "litellm", None),
    ("api.openai.com", "/v1/chat/completions", {"helicone-status": "success"}, None, None, "helicone", "openai"),
    ("gateway.ai.cloudflare.com", "/v1/acc/gw/anthropic/v1/messages", {}, None, None, "cloudflare", "anthropic"),
    ("gateway.ai.cloudflare.com", "/v1/acc/gw/compat/chat/completions", {}, None, None, "cloudflare", None),
    ("gateway.ai.cloudflare.com", "/v1/acc/gw/google-vertex-ai/v1/projects/p", {}, None, None, "cloudflare", "gcp.vertex_ai"),
    ("gateway.ai.cloudflare.com", "/v1/acc/gw/perplexity-ai/chat/completions", {}, None, None, "cloudflare", "perplexity"),
    ("contoso.openai.azure.us", "/openai/v1/responses", {}, None, None, None, "azure.ai.openai"),
    ("proxy.individual.githubcopilot.com", "/v1/engines/x/completions", {}, None, None, None, "github_copilot"),
    ("router.huggingface.co", "/v1/chat/completions", {"x-inference-provider": "together"}, None, None, "huggingface", "together_ai"),
    ("chatgpt.com", "/backend-api/codex/responses", {}, None, None, None, "openai"),
    ("coding-intl.dashscope.aliyuncs.com", "/v1/chat/completions", {}, None, None, None, "alibaba"),
    ("gateway-us.pydantic.dev", "/proxy/google-vertex/v1beta1/models/x", {}, None, None, "pydantic", "gcp.vertex_ai"),
    ("gateway.pydantic.dev", "/proxy/chat/chat/completions", {}, None, None, "pydantic", None),
    ("localhost:11434", "/api/chat", {}, None, None, None, "ollama"),
    ("llm.corp.example:8443", "/v1/chat/completions", {}, None, None, None, None),
    ("llm.corp.example", "/v1/chat/completions", {"x-groq-region": "us"}, None, None, None, "groq"),
    ("notopenai.com", "/", {}, None, None, None, None),
    ("api.openai.com.evil.example", "/", {}, None, None, None, None),
]


@pytest.mark.parametrize(("address", "path", "headers", "raw", "response_id", "gateway", "provider"), CASES)
def test_route(address, path, headers, raw, response_id, gateway, provider) -> None:
    route = providers().route(address, path, headers, provider_raw=raw, response_id=response_id, api="openai_chat")
    assert (route.gateway, route.provider) == (gateway, provider)


def test_order_of_the_file_means_nothing() -> None:
    turned = Providers(dict(reversed(TABLE.items())), "turned")
    for address, path, headers, raw, response_id, gateway, provider in CASES:
        route = turned.route(address, path, headers, provider_raw=raw, response_id=response_id, api="openai_chat")
        assert (route.gateway, route.provider) == (gateway, provider)


def test_no_two_entries_claim_one_thing() -> None:
    for field in ("hosts", "headers", "id_prefixes", "names"):
        seen: dict[str, str] = {}
        for key, entry in TABLE.items():
            for value in entry.get(field, ()):
                assert seen.setdefault(value, key) == key, f"{value} is in {seen[value]} and {key}"


def test_an_unknown_field_is_an_error() -> None:
    with pytest.raises(ConfigError, match="unknown field hots"):
        Providers({"a": {"hots": []}}, "x.yaml")


def test_known_deviations() -> None:
    assert providers().route("api.x.ai", "/v1/chat/completions", {}, api="openai_chat").reasoning_separate
    assert not providers().route("api.x.ai", "/v1/responses", {}, api="openai_responses").reasoning_separate
    assert providers().route("ai-gateway.vercel.sh", "/", {}, provider_raw="vertex").reasoning_separate
    assert providers().route("api.perplexity.ai", "/chat/completions", {}, api="openai_chat").reasoning_separate
