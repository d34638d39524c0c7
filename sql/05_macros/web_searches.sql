-- How many searches a usage says were made and are charged apart from tokens; NULL where it says nothing of them.
-- Anthropic's server_tool_use, then the two places of Perplexity: those that genai-prices reads, too.
create or replace macro staging.web_searches(usage_json) as
    if(
        contains(usage_json, 'search'),
        try(coalesce(
            try_cast(json_extract_string(usage_json, '$.server_tool_use.web_search_requests') as bigint),
            try_cast(json_extract_string(usage_json, '$.num_search_queries') as bigint),
            try_cast(json_extract_string(usage_json, '$.tool_calls_details.search_web.invocation') as bigint)
        )), null
    );
