package main

import (
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"strconv"
	"time"

	"salesbot/handlers/ask/llm"
)

// checkModel reads the settings of the language model. Without its name none is
// asked, whatever else is set.
func checkModel(s *settings) error {
	if s.Model == "" {
		return nil
	}
	at, err := url.Parse(s.ModelURL)
	if err != nil || at.Host == "" || at.Scheme != "https" && at.Scheme != "http" {
		return errors.New("SALESBOT_MODEL_URL is no address of an API; one is, for example, http://localhost:11434/v1")
	}
	timeout, err := time.ParseDuration(s.ModelTimeout)
	if err != nil || timeout <= 0 {
		return fmt.Errorf("SALESBOT_MODEL_TIMEOUT %q is no span of time; one is, for example, 10s", s.ModelTimeout)
	}
	s.Reader = &llm.Config{BaseURL: s.ModelURL, Key: s.ModelKey, Model: s.Model, Timeout: timeout, Catalog: s.Metrics}
	for name, limit := range map[string]struct {
		text string
		to   *int64
	}{
		"SALESBOT_MODEL_TOKENS_PER_DAY":    {s.ModelTokensPerDay, &s.Budget.Day},
		"SALESBOT_MODEL_TOKENS_PER_PERSON": {s.ModelTokensPerPerson, &s.Budget.Person},
	} {
		if *limit.to, err = strconv.ParseInt(limit.text, 10, 64); err != nil || *limit.to < 0 {
			return fmt.Errorf("%s %q is no number of tokens; 0 is no limit", name, limit.text)
		}
	}
	for name, price := range map[string]struct {
		text string
		to   *int64
	}{
		"SALESBOT_MODEL_PROMPT_PRICE": {s.ModelPromptPrice, &s.Reader.PromptPrice},
		"SALESBOT_MODEL_ANSWER_PRICE": {s.ModelAnswerPrice, &s.Reader.CompletionPrice},
	} {
		if *price.to, err = micros(price.text); err != nil {
			return fmt.Errorf("%s %q is no price of a million tokens; one is, for example, 0.15", name, price.text)
		}
	}
	return nil
}

// micros reads a decimal number as millionths.
func micros(text string) (int64, error) {
	price, ok := new(big.Rat).SetString(text)
	if !ok || price.Sign() < 0 {
		return 0, errors.New("no price")
	}
	price.Mul(price, big.NewRat(1_000_000, 1))
	if !price.IsInt() || !price.Num().IsInt64() {
		return 0, errors.New("no price")
	}
	return price.Num().Int64(), nil
}
