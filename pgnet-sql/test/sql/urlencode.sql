-- net._urlencode_string: everything but letters, digits and - . _ ~, byte by byte in UTF-8.
select net._urlencode_string('a b');
select net._urlencode_string('AZaz09-._~');
select net._urlencode_string('!"#$%&''()*+,/:;<=>?@[\]^`{|}');
select net._urlencode_string('Zoë 日本 😀');
select net._urlencode_string('');
select net._urlencode_string(null);

-- net._encode_url_with_params_array: parameters that are encoded already; null ones are skipped.
select net._encode_url_with_params_array('http://127.0.0.1/', '{a=1,b=2}');
select net._encode_url_with_params_array('http://127.0.0.1/?x=0#part', array['a=1', null, 'b=%20']);
select net._encode_url_with_params_array('http://127.0.0.1/', '{}');
select net._encode_url_with_params_array('http://127.0.0.1/', array[null]::text[]);
select net._encode_url_with_params_array(null, '{a=1}');
select net._encode_url_with_params_array('http://127.0.0.1/', null);

-- As programs call them together.
select net._encode_url_with_params_array('http://127.0.0.1/',
    array(select net._urlencode_string(key) || '=' || net._urlencode_string(value)
          from jsonb_each_text('{"a b": "c&d", "n": 1}')));

select proname, provolatile, proisstrict, proparallel
    from pg_proc where proname in ('_urlencode_string', '_encode_url_with_params_array') order by proname;
